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
        Principal = { AWS = ["arn:aws:iam::123456789012:user/gatehouse"] }
        Action    = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
        Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
      }]
    }
    error_message = "The trust policy is not the one of the MFA page."
  }

  assert {
    condition = jsondecode(aws_iam_user_policy.assume_role[0].policy).Statement == [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
      Resource  = "arn:aws:iam::123456789012:role/gatehouse-deploy"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
    error_message = "The user may do more, or less, than assume the role with MFA and say for whom."
  }

  assert {
    condition     = output.mfa_serial == "arn:aws:iam::123456789012:mfa/gatehouse" && output.mfa_secret == null
    error_message = "Without a device of its own, the module names the device to make and knows no secret."
  }

  assert {
    condition = (
      length(aws_iam_user.gatehouse) == 1
      && length(aws_iam_user.person) == 0
      && length(aws_iam_role_policy_attachment.deploy) == 0
      && length(aws_iam_virtual_mfa_device.gatehouse) == 0
    )
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
    condition = alltrue([
      for policy in [aws_iam_role.deploy.assume_role_policy, aws_iam_user_policy.assume_role[0].policy] :
      jsondecode(policy).Statement[0].Condition == {
        Bool            = { "aws:MultiFactorAuthPresent" = "true" }
        NumericLessThan = { "aws:MultiFactorAuthAge" = "900" }
      }
    ])
    error_message = "The age of the code is not limited."
  }

  assert {
    condition = (
      aws_iam_role.deploy.max_session_duration == 43200
      && length(aws_iam_role_policy_attachment.deploy) == 1
      && nonsensitive(output.mfa_secret) == "GEZDGNBVGY3TQOJQ"
      && nonsensitive(output.mfa_secrets) == { gatehouse = "GEZDGNBVGY3TQOJQ" }
    )
    error_message = "A variable has no effect."
  }
}

run "people_have_identities_of_their_own" {
  variables {
    user_name  = null
    user_names = ["ada", "grace"]
  }

  override_resource {
    target = aws_iam_user.person["ada"]
    values = { arn = "arn:aws:iam::123456789012:user/ada" }
  }
  override_resource {
    target = aws_iam_user.person["grace"]
    values = { arn = "arn:aws:iam::123456789012:user/grace" }
  }

  assert {
    condition = jsondecode(aws_iam_role.deploy.assume_role_policy).Statement[0].Principal.AWS == [
      "arn:aws:iam::123456789012:user/ada",
      "arn:aws:iam::123456789012:user/grace",
    ]
    error_message = "The role does not trust each of them."
  }

  assert {
    condition = alltrue([
      for name in ["ada", "grace"] :
      jsondecode(aws_iam_user_policy.person_assumes_role[name].policy).Statement[0].Condition.Bool == { "aws:MultiFactorAuthPresent" = "true" }
      && aws_iam_user_policy.person_assumes_role[name].user == name
      && aws_iam_user_policy.manage_own[name].user == name
    ])
    error_message = "Somebody lacks a policy, or has one without MFA."
  }

  # Without MFA only a device can be made: no keys, and none of the device that there is can be removed.
  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_user_policy.manage_own["ada"].policy).Statement :
      statement.Action if !can(statement.Condition.Bool["aws:MultiFactorAuthPresent"])
      ])) == toset([
      "iam:GetUser", "iam:ListMFADevices", "iam:EnableMFADevice", "iam:ResyncMFADevice", "iam:CreateVirtualMFADevice",
    ])
    error_message = "A person can do without MFA what needs it."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_user_policy.manage_own["ada"].policy).Statement :
      [for resource in flatten([statement.Resource]) : endswith(resource, "/$${aws:username}")]
    ]))
    error_message = "A person can touch what belongs to somebody else."
  }

  assert {
    condition = (
      output.user_name == null && output.user_arn == null && output.mfa_serial == null && output.mfa_secret == null
      && output.mfa_serials == {
        ada   = "arn:aws:iam::123456789012:mfa/ada"
        grace = "arn:aws:iam::123456789012:mfa/grace"
      }
    )
    error_message = "The outputs do not tell whose is what."
  }
}

run "people_beside_the_shared_identity" {
  variables {
    user_names         = ["ada"]
    allow_self_service = false
  }

  assert {
    condition = (
      toset(keys(output.user_arns)) == toset(["ada", "gatehouse"])
      && length(aws_iam_user_policy.assume_role) == 1
      && length(aws_iam_user_policy.person_assumes_role) == 1
      && length(aws_iam_user_policy.manage_own) == 0
    )
    error_message = "Not both kinds of identity may assume the role."
  }
}

run "a_role_that_nobody_may_assume_is_refused" {
  command = plan

  variables {
    user_name = null
  }

  expect_failures = [aws_iam_role.deploy]
}

run "too_long_a_session_is_refused" {
  command = plan

  variables {
    max_session_duration_seconds = 43201
  }

  expect_failures = [var.max_session_duration_seconds]
}
