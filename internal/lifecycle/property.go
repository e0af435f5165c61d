package lifecycle

// The properties in which a patch request carries the patch itself (docs/wire-contract.md, "Requests").
const (
	PropertyComponentURL      = "patch_component_url"
	PropertyChangeDescription = "patch_change_description"
	PropertySemverBumpType    = "semver_bump_type"
)
