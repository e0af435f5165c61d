# I want to create an AMI
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_CREATE" \
    --stackTag "main" \
    --events "AMI_BUILD_ONLY" \
    --owner "ownername" \
    --productVer "1.0.0" \
    --productName "My Product Name" \
    --notifications "EMAIL::user@domain.com"

# I want to update a new AMI
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_CREATE_UPDATE" \
    --stackTag "main" \
    --lifecycleId "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7" \
    --events "SMOKE_TESTS" \
    --events "VULNERABILITY_SCANS" \
    --events "QA_CERTIFICATION_REQUEST" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com"

# I want to patch an AMI
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_PATCH" \
    --stackTag "main" \
    --lifecycleId "3f0bd60d-8695-4b67-b6a7-2847e38e631d" \
    --events "AMI_PATCH_ONLY" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com" \
    --patchComponent "/path/dir/other/dir/sample_component.yaml" \
    --patchChangeDescription "Adds Apache Httpd. Sets Apache Httpd to start on boot. Adds custom index page." \
    --semverBumpType "MINOR"

# I want to continue operations on a patched AMI
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_PATCH_UPDATE" \
    --stackTag "main" \
    --lifecycleId "3f0bd60d-8695-4b67-b6a7-2847e38e631d" \
    --events "SMOKE_TESTS" \
    --events "VULNERABILITY_SCANS" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com"

# I want to get the status of a new or patched AMI
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_GET_STATUS_BY_LIFECYCLE_ID" \
    --stackTag "main" \
    --lifecycleId "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com"

# I want to get the status of all AMI lifecycles by stack tag
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_GET_STATUSES" \
    --stackTag "main" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com"

# I want to view the timeline for a new AMI
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_TIMELINE_CREATE" \
    --stackTag "main" \
    --lifecycleId "df26302b-d54e-4575-81c7-ffd6ddfa2cb7" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com"

# I want to view the timeline for a patched AMI
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_TIMELINE_PATCH" \
    --stackTag "main" \
    --lifecycleId "df26302b-d54e-4575-81c7-ffd6ddfa2cb7" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com"

# I want to mark a new AMI as CERTIFIED by QA
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_QA_CERTIFICATION" \
    --stackTag "main" \
    --lifecycleId "3f0bd60d-8695-4b67-b6a7-2847e38e631d" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com" \
    --certificationStatus "CERTIFIED"

# I want to mark a new AMI as APPROVED for production
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_APPROVAL_CREATE" \
    --stackTag "main" \
    --lifecycleId "3f0bd60d-8695-4b67-b6a7-2847e38e631d" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com" \
    --approvalStatusAmiCreation "APPROVED"

# I want to mark a patched AMI as APPROVED for production
python api-cli.py \
    --mode "BATCH" \
    --operation "AMI_APPROVAL_PATCH" \
    --stackTag "main" \
    --lifecycleId "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7" \
    --owner "ownername" \
    --notifications "EMAIL::user@domain.com" \
    --approvalStatusAmiPatch "APPROVED"

# UI mode
python api-cli.py --mode UI
