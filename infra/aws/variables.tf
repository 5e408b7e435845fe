variable "user_name" {
  description = "Name of the IAM user whose access key and MFA device an organization shares. Null makes none: then people use their own."
  type        = string
  default     = "gatehouse"
}

variable "user_names" {
  description = "Names of IAM users that belong to one person each, who registers her own access key and MFA device in Gatehouse."
  type        = set(string)
  default     = []
}

variable "allow_self_service" {
  description = "Lets each person of user_names make her own MFA device, and, with MFA, change it and her access keys."
  type        = bool
  default     = true
}

variable "role_name" {
  description = "Name of the role that runs assume. Its trust policy demands MFA."
  type        = string
  default     = "gatehouse-deploy"
}

variable "max_session_duration_seconds" {
  description = "Longest session of the role, in seconds. AWS allows 3600 to 43200; when the provider itself assumes the role from a session, AWS allows one hour whatever stands here."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_duration_seconds >= 3600 && var.max_session_duration_seconds <= 43200
    error_message = "The longest session must be between 3600 and 43200 seconds."
  }
}

variable "max_mfa_age_seconds" {
  description = "How long ago the code may have been entered when the role is assumed, in seconds. Null sets no limit."
  type        = number
  default     = null

  validation {
    condition     = var.max_mfa_age_seconds == null ? true : var.max_mfa_age_seconds > 0
    error_message = "The age must be more than 0 seconds."
  }
}

variable "role_policy_arns" {
  description = "Managed policies for the role: what runs may do in AWS. Empty gives a role that may do nothing."
  type        = set(string)
  default     = []
}

variable "create_mfa_device" {
  description = "Makes a virtual MFA device for each user. Its secret then stands in this configuration's state; leave it false to make the device by hand."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags for everything that is made."
  type        = map(string)
  default     = {}
}
