# A group of servers that run the AMI which AMI_SELECT has found. With the same AMI Terraform plans no change; with a new
# one it makes a version of the launch template, and the group replaces its instances a part at a time.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "ami_id" {
  description = "The AMI, such as ami-0123456789abcdef0: the output ami_id."
  type        = string

  validation {
    condition     = can(regex("^ami-([0-9a-f]{8}|[0-9a-f]{17})$", var.ami_id))
    error_message = "ami_id must be the id of an AMI, such as ami-0123456789abcdef0."
  }
}

variable "semantic_version" {
  description = "The AMI's version, such as 2.1.0: the output semantic_version."
  type        = string
}

variable "subnet_ids" {
  description = "The subnets that the servers are in."
  type        = list(string)
}

resource "aws_launch_template" "web" {
  name          = "web-server"
  image_id      = var.ami_id
  instance_type = "t3.small"

  tag_specifications {
    resource_type = "instance"
    tags = {
      Name       = "web-server"
      AmiVersion = var.semantic_version
    }
  }
}

resource "aws_autoscaling_group" "web" {
  name                = "web-server"
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = var.subnet_ids

  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }

  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 90
      auto_rollback          = true
    }
  }
}
