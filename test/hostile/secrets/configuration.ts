/** A variable's value that every encoding changes; `letters` is what tells it from others. */
export function awkward(letters: string): string {
  return `${letters} "<&>é/+?=`;
}

/**
 * A configuration that tells its secrets in all forms that logs are masked for, waits in its plan until it is let go, and
 * keeps others in its state.
 */
export function tellingSecrets(port: number, inState: string): Record<string, string> {
  const echo = ['printf "raw %s\\n" "$SECRET_ENV"', 'printf "x%s" "$SECRET_ENV" | base64 -w0', 'env'].join('; echo; ');
  return {
    'main.tf': `
variable "plain" { type = string }
variable "listed" { type = map(string) }
variable "declared" {
  type      = string
  sensitive = true
}
data "terraform_remote_state" "held" {
  backend = "http"
  config  = { address = "http://127.0.0.1:${port}/story/plan" }
}
resource "terraform_data" "shown" {
  input = [length(data.terraform_remote_state.held.outputs), var.plain, var.listed]
  provisioner "local-exec" {
    interpreter = ["bash", "-c"]
    command     = ${JSON.stringify(echo)}
  }
}
resource "terraform_data" "kept" { input = [var.declared, sensitive("${inState}")] }
output "raw" { value = var.plain }
output "base64" { value = [base64encode(var.plain), base64encode("x\${var.plain}"), base64encode("xy\${var.plain}")] }
output "encoded" { value = [urlencode(var.plain), jsonencode(var.plain)] }
output "listed" { value = var.listed }
output "kept" {
  value     = "\${var.declared} ${inState}"
  sensitive = true
}
`,
  };
}

/** Fails in its plan, with the variable in what terraform says of it. */
export const failing = {
  'main.tf': `
variable "plain" {
  type = string
  validation {
    condition     = length(var.plain) > 1000
    error_message = "This is not long enough: \${var.plain}"
  }
}
variable "listed" { type = number }
`,
};
