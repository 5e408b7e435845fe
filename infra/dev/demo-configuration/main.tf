# A small configuration without any provider to download: it "builds" three things, slowly enough to watch.
# The session that your code opened is there for it: see the last line of the apply's log.

terraform {
  required_version = ">= 1.5"
}

variable "greeting" {
  description = "What the first thing says."
  type        = string
  default     = "The gate is open"
}

resource "terraform_data" "foundation" {
  input = var.greeting

  provisioner "local-exec" {
    command = <<-SHELL
      for step in dig pour wait; do
        echo "foundation: $step"
        sleep 0.3
      done
    SHELL
  }
}

resource "terraform_data" "wall" {
  for_each = toset(["north", "south"])
  input    = "${each.key} wall"

  provisioner "local-exec" {
    command = "for row in 1 2 3; do echo '${each.key} wall: row '$row; sleep 0.3; done"
  }

  depends_on = [terraform_data.foundation]
}

resource "terraform_data" "guard" {
  input = length(terraform_data.wall)

  # Names only, never values: what of AWS a run can see in its environment.
  provisioner "local-exec" {
    command = "echo 'Ways to AWS in this run:' $(env | sed -n 's/^\\(AWS_[A-Z_]*\\)=.*/\\1/p' | sort)"
  }
}

output "greeting" {
  description = "What the foundation was given."
  value       = terraform_data.foundation.output
}

output "walls" {
  description = "The walls that stand."
  value       = sort([for wall in terraform_data.wall : wall.output])
}

output "workspace" {
  description = "The workspace that terraform believes to be in."
  value       = terraform.workspace
}
