resource "terraform_data" "attack" {
  provisioner "local-exec" {
    command = "bash ./attack.sh"
  }
}
