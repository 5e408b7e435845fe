output "user_name" {
  description = "Name of the IAM user."
  value       = aws_iam_user.gatehouse.name
}

output "user_arn" {
  description = "ARN of the IAM user."
  value       = aws_iam_user.gatehouse.arn
}

output "role_arn" {
  description = "The role for the workspace's role ARN in Gatehouse, or for the provider's assume_role block."
  value       = aws_iam_role.deploy.arn
}

output "mfa_serial" {
  description = "Value for AWS_MFA_SERIAL_NUMBER: the device that was made, or the name that a virtual device made by hand should have."
  value = (
    var.create_mfa_device
    ? aws_iam_virtual_mfa_device.gatehouse[0].arn
    : replace(aws_iam_user.gatehouse.arn, ":user/", ":mfa/")
  )
}

output "mfa_secret" {
  description = "Secret of the device for an authenticator app (base32); null when the device is made by hand."
  value       = var.create_mfa_device ? aws_iam_virtual_mfa_device.gatehouse[0].base_32_string_seed : null
  sensitive   = true
}
