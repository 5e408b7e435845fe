# Runs without AWS: only the provider's schema is used.
mock_provider "aws" {
  mock_resource "aws_iam_user" {
    defaults = { arn = "arn:aws:iam::123456789012:user/gatehouse" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/gatehouse-deploy" }
  }
  mock_resource "aws_iam_virtual_mfa_device" {
    defaults = {
      arn                 = "arn:aws:iam::123456789012:mfa/gatehouse"
      base_32_string_seed = "GEZDGNBVGY3TQOJQ"
    }
  }
}

run "trust_policy_demands_mfa" {
  assert {
    condition = jsondecode(aws_iam_role.deploy.assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:user/gatehouse" }
        Action    = "sts:AssumeRole"
        Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
      }]
    }
    error_message = "The trust policy is not the one of the MFA page."
  }

  assert {
    condition = jsondecode(aws_iam_user_policy.assume_role.policy).Statement[0] == {
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Resource  = "arn:aws:iam::123456789012:role/gatehouse-deploy"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }
    error_message = "The user may do more, or less, than assume the role with MFA."
  }

  assert {
    condition     = output.mfa_serial == "arn:aws:iam::123456789012:mfa/gatehouse" && output.mfa_secret == null
    error_message = "Without a device of its own, the module names the device to make and knows no secret."
  }

  assert {
    condition     = length(aws_iam_role_policy_attachment.deploy) == 0 && length(aws_iam_virtual_mfa_device.gatehouse) == 0
    error_message = "Something was made that nobody asked for."
  }
}

run "everything_asked_for" {
  variables {
    max_session_duration_seconds = 43200
    max_mfa_age_seconds          = 900
    role_policy_arns             = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    create_mfa_device            = true
  }

  assert {
    condition = jsondecode(aws_iam_role.deploy.assume_role_policy).Statement[0].Condition == {
      Bool            = { "aws:MultiFactorAuthPresent" = "true" }
      NumericLessThan = { "aws:MultiFactorAuthAge" = "900" }
    }
    error_message = "The age of the code is not limited."
  }

  assert {
    condition = (
      aws_iam_role.deploy.max_session_duration == 43200
      && length(aws_iam_role_policy_attachment.deploy) == 1
      && nonsensitive(output.mfa_secret) == "GEZDGNBVGY3TQOJQ"
    )
    error_message = "A variable has no effect."
  }
}

run "too_long_a_session_is_refused" {
  command = plan

  variables {
    max_session_duration_seconds = 43201
  }

  expect_failures = [var.max_session_duration_seconds]
}
