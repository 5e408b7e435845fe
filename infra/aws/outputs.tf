output "user_name" {
  description = "Name of the shared IAM user; null when there is none."
  value       = one(aws_iam_user.gatehouse[*].name)
}

output "user_arn" {
  description = "ARN of the shared IAM user; null when there is none."
  value       = one(aws_iam_user.gatehouse[*].arn)
}

output "user_arns" {
  description = "ARNs of all users by name, shared and personal."
  value       = local.user_arns
}

output "role_arn" {
  description = "The role for the workspace's role ARN in Gatehouse, or for the provider's assume_role block."
  value       = aws_iam_role.deploy.arn
}

output "mfa_serial" {
  description = "Value for AWS_MFA_SERIAL_NUMBER: the shared user's device that was made, or the name that a virtual device made by hand should have."
  value       = var.user_name == null ? null : local.mfa_serials[var.user_name]
}

output "mfa_serials" {
  description = "The same for all users by name: what a person registers with her own access key."
  value       = local.mfa_serials
}

output "mfa_secret" {
  description = "Secret of the shared user's device for an authenticator app (base32); null when the device is made by hand."
  value       = one(aws_iam_virtual_mfa_device.gatehouse[*].base_32_string_seed)
  sensitive   = true
}

output "mfa_secrets" {
  description = "Secrets of the devices that were made, by user, shared and personal."
  value       = { for name, device in local.devices : name => device.base_32_string_seed }
  sensitive   = true
}

locals {
  devices = merge(
    { for device in aws_iam_virtual_mfa_device.gatehouse : device.virtual_mfa_device_name => device },
    aws_iam_virtual_mfa_device.person,
  )
  mfa_serials = {
    for name, arn in local.user_arns :
    name => var.create_mfa_device ? local.devices[name].arn : replace(arn, ":user/", ":mfa/")
  }
}
