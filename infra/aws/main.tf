locals {
  # The condition of both policies. A `Bool` without `IfExists` also fails for long-lived keys, which carry no such key.
  mfa_condition = merge(
    { Bool = { "aws:MultiFactorAuthPresent" = "true" } },
    var.max_mfa_age_seconds == null ? {} : {
      NumericLessThan = { "aws:MultiFactorAuthAge" = tostring(var.max_mfa_age_seconds) }
    },
  )

  # Besides assuming the role, telling for whom: session tags and a source identity each need a permission of their own.
  session_actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]

  assume_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = local.session_actions
      Resource  = aws_iam_role.deploy.arn
      Condition = local.mfa_condition
    }]
  })

  user_arns = merge(
    { for user in aws_iam_user.gatehouse : user.name => user.arn },
    { for name, user in aws_iam_user.person : name => user.arn },
  )

  # `aws`, `aws-cn` or `aws-us-gov`.
  partition = split(":", aws_iam_role.deploy.arn)[1]
}

# The identity that an organization's members share. No access key is made here: it would stand in the state in clear.
resource "aws_iam_user" "gatehouse" {
  count = var.user_name == null ? 0 : 1

  name = var.user_name
  tags = var.tags
}

# sts:GetSessionToken needs no permission, so assuming the role is all that the user may do.
resource "aws_iam_user_policy" "assume_role" {
  count = var.user_name == null ? 0 : 1

  name   = "assume-${var.role_name}-with-mfa"
  user   = aws_iam_user.gatehouse[0].name
  policy = local.assume_policy
}

# An identity for each person, who registers her own access key and device.
resource "aws_iam_user" "person" {
  for_each = var.user_names

  name = each.value
  tags = var.tags
}

resource "aws_iam_user_policy" "person_assumes_role" {
  for_each = var.user_names

  name   = "assume-${var.role_name}-with-mfa"
  user   = aws_iam_user.person[each.value].name
  policy = local.assume_policy
}

# What a person needs to bring her own device and to change her own key. She makes her device before she has a session
# with MFA; everything else wants one, so that whoever has found her key can neither make more of them nor rid her of it.
resource "aws_iam_user_policy" "manage_own" {
  for_each = var.allow_self_service ? var.user_names : []

  name = "manage-own-device-and-keys"
  user = aws_iam_user.person[each.value].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "SeeAndEnableOwnDevice"
        Effect = "Allow"
        Action = ["iam:GetUser", "iam:ListMFADevices", "iam:EnableMFADevice", "iam:ResyncMFADevice"]
        Resource = [
          "arn:${local.partition}:iam::*:user/$${aws:username}",
          "arn:${local.partition}:iam::*:mfa/$${aws:username}",
        ]
      },
      {
        Sid      = "MakeOwnDevice"
        Effect   = "Allow"
        Action   = "iam:CreateVirtualMFADevice"
        Resource = "arn:${local.partition}:iam::*:mfa/$${aws:username}"
      },
      {
        Sid    = "ChangeOwnKeysAndDeviceWithMfa"
        Effect = "Allow"
        Action = [
          "iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys", "iam:UpdateAccessKey",
          "iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice",
        ]
        Resource = [
          "arn:${local.partition}:iam::*:user/$${aws:username}",
          "arn:${local.partition}:iam::*:mfa/$${aws:username}",
        ]
        Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
      },
    ]
  })
}

resource "aws_iam_role" "deploy" {
  name                 = var.role_name
  max_session_duration = var.max_session_duration_seconds
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = values(local.user_arns) }
      Action    = local.session_actions
      Condition = local.mfa_condition
    }]
  })

  lifecycle {
    precondition {
      condition     = var.user_name != null || length(var.user_names) > 0
      error_message = "Somebody must be able to assume the role: set user_name, user_names or both."
    }
  }
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each = var.role_policy_arns

  role       = aws_iam_role.deploy.name
  policy_arn = each.value
}

resource "aws_iam_virtual_mfa_device" "gatehouse" {
  count = var.create_mfa_device && var.user_name != null ? 1 : 0

  virtual_mfa_device_name = var.user_name
  tags                    = var.tags
}

resource "aws_iam_virtual_mfa_device" "person" {
  for_each = var.create_mfa_device ? var.user_names : []

  virtual_mfa_device_name = each.value
  tags                    = var.tags
}
