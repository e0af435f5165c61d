# A role for the jobs of one GitHub repository or GitLab project, with the least that the operations need. Apply it in the
# account and region of the orchestrator. The identity provider must exist: an account has one for each host.
# docs/github.md and docs/gitlab.md say how to make it, and which secret each operation needs.

variable "provider_host" {
  description = "The host of the identity provider, such as token.actions.githubusercontent.com or gitlab.example.com."
  type        = string
}

variable "subjects" {
  description = "The jobs that may assume the role, such as repo:org/images:ref:refs/heads/main."
  type        = list(string)
}

variable "audience" {
  type    = string
  default = "sts.amazonaws.com"
}

variable "stack" {
  description = "The CloudFormation stack of the orchestrator."
  type        = string
  default     = "AmiLifecycle"
}

variable "key_prefix" {
  type    = string
  default = "/ami-lifecycle/api-keys/"
}

variable "secrets" {
  description = "The secrets of the operations below key_prefix."
  type        = list(string)
  default     = ["ami_creation_post_api_key", "ami_creation_status_api_key"]
}

variable "allow_patches" {
  description = "Let the role upload patch components, for AMI_PATCH."
  type        = bool
  default     = false
}

variable "allow_insight" {
  description = "Let the role see why a build fails."
  type        = bool
  default     = true
}

variable "allow_select" {
  description = "Let the role find images, for AMI_SELECT."
  type        = bool
  default     = false
}

data "aws_partition" "here" {}
data "aws_region" "here" {}
data "aws_caller_identity" "here" {}
data "aws_cloudformation_stack" "orchestrator" {
  name = var.stack
}

locals {
  place  = "${data.aws_region.here.name}:${data.aws_caller_identity.here.account_id}"
  arn    = "arn:${data.aws_partition.here.partition}"
  bucket = "${local.arn}:s3:::${data.aws_cloudformation_stack.orchestrator.outputs["amiLifecyclePatchComponentBucket"]}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["${local.arn}:iam::${data.aws_caller_identity.here.account_id}:oidc-provider/${var.provider_host}"]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.provider_host}:aud"
      values   = [var.audience]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.provider_host}:sub"
      values   = var.subjects
    }
  }
}

data "aws_iam_policy_document" "lifecycle" {
  statement {
    sid       = "FindTheOrchestrator"
    actions   = ["cloudformation:DescribeStacks"]
    resources = ["${local.arn}:cloudformation:${local.place}:stack/${var.stack}/*"]
  }

  statement {
    sid       = "ReadAPIKeys"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for secret in var.secrets : "${local.arn}:secretsmanager:${local.place}:secret:${var.key_prefix}${secret}-??????"]
  }

  statement {
    sid       = "WriteClaims"
    actions   = ["s3:PutObject", "s3:GetObject"]
    resources = ["${local.bucket}/ami-action/*"]
  }

  dynamic "statement" {
    for_each = var.allow_patches ? [1] : []
    content {
      sid       = "UploadPatchComponents"
      actions   = ["s3:PutObject", "s3:GetObject", "s3:ListBucket"]
      resources = ["${local.bucket}/*", local.bucket]
    }
  }

  dynamic "statement" {
    for_each = var.allow_insight ? [1] : []
    content {
      sid = "BehindTheDocument"
      actions = [
        "states:DescribeExecution",
        "states:GetExecutionHistory",
        "imagebuilder:GetImage",
        "imagebuilder:ListWorkflowExecutions",
        "imagebuilder:ListWorkflowStepExecutions",
        "logs:GetLogEvents",
      ]
      resources = [
        "${local.arn}:states:${local.place}:execution:*",
        "${local.arn}:imagebuilder:${local.place}:image/*",
        "${local.arn}:imagebuilder:${local.place}:workflow-execution/*",
        "${local.arn}:logs:${local.place}:log-group:/aws/imagebuilder/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.allow_select ? [1] : []
    content {
      sid       = "SelectImages"
      actions   = ["dynamodb:Query"]
      resources = ["${local.arn}:dynamodb:${local.place}:table/${data.aws_cloudformation_stack.orchestrator.outputs["amiSelectionTableName"]}/index/stack_tag_index"]
    }
  }
}

resource "aws_iam_role" "ami_lifecycle" {
  name_prefix          = "ami-lifecycle-"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "ami_lifecycle" {
  name_prefix = "ami-lifecycle-"
  role        = aws_iam_role.ami_lifecycle.id
  policy      = data.aws_iam_policy_document.lifecycle.json
}

output "role_arn" {
  description = "For role-to-assume on GitHub, and for aws_role_arn on GitLab."
  value       = aws_iam_role.ami_lifecycle.arn
}
