locals {
  # The condition of both policies. A `Bool` without `IfExists` also fails for long-lived keys, which carry no such key.
  mfa_condition = merge(
    { Bool = { "aws:MultiFactorAuthPresent" = "true" } },
    var.max_mfa_age_seconds == null ? {} : {
      NumericLessThan = { "aws:MultiFactorAuthAge" = tostring(var.max_mfa_age_seconds) }
    },
  )
}

# No access key is made here: it would stand in the state in clear.
resource "aws_iam_user" "gatehouse" {
  name = var.user_name
  tags = var.tags
}

# sts:GetSessionToken needs no permission, so assuming the role is all that the user may do.
resource "aws_iam_user_policy" "assume_role" {
  name = "assume-${var.role_name}-with-mfa"
  user = aws_iam_user.gatehouse.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Resource  = aws_iam_role.deploy.arn
      Condition = local.mfa_condition
    }]
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
      Principal = { AWS = aws_iam_user.gatehouse.arn }
      Action    = "sts:AssumeRole"
      Condition = local.mfa_condition
    }]
  })
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each = var.role_policy_arns

  role       = aws_iam_role.deploy.name
  policy_arn = each.value
}

resource "aws_iam_virtual_mfa_device" "gatehouse" {
  count = var.create_mfa_device ? 1 : 0

  virtual_mfa_device_name = var.user_name
  tags                    = var.tags
}
