// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are templates of HCL
import { expect, test } from 'vitest';
import { setsEncryption } from '../../src/phases/tofu-encryption.ts';

test.each([
  ['the block', 'main.tf', 'terraform {\n  encryption {\n    key_provider "pbkdf2" "k" {}\n  }\n}'],
  [
    'on one line, after others',
    'a.tofu',
    'terraform { required_version = ">= 1.7" \n backend "s3" {} \n encryption { } }',
  ],
  ['after other blocks', 'a.tf', 'locals {\n x = { a = "}" }\n}\nterraform {\n encryption {\n }\n}'],
  ['after a template', 'a.tf', 'locals { x = "${{ a = "b" }["a"]}" }\nterraform { encryption {} }'],
  ['after a heredoc', 'a.tf', 'locals {\n x = <<-EOT\n  { {\n  EOT\n}\nterraform { encryption {} }'],
  ['after a comment', 'a.tf', '/* { */ # {\n// {\nterraform /* a */ { encryption /* b */ {} }'],
  ['JSON', 'a.tf.json', '{"terraform":{"encryption":{"state":{}}}}'],
  ['JSON in arrays', 'a.tofu.json', '[{"terraform":[{},{"encryption":[{}]}]}]'],
])('is found: %s', (_what, file, text) => {
  expect(setsEncryption(file, text)).toBe(true);
});

test.each([
  ['none', 'main.tf', 'terraform {\n required_version = ">= 1.7"\n}\noutput "a" { value = 1 }'],
  [
    'one of a resource',
    'main.tf',
    'resource "azurerm_container_registry" "a" {\n encryption {\n enabled = true\n }\n}',
  ],
  ['a deeper one', 'main.tf', 'terraform {\n backend "x" {\n encryption {}\n }\n}'],
  ['an attribute', 'main.tf', 'terraform {\n encryption = true\n}'],
  ['in a comment', 'main.tf', 'terraform {\n # encryption {\n /* encryption { } */\n}'],
  ['in a string', 'main.tf', 'locals { x = "terraform { encryption { } }" }'],
  ['in a heredoc', 'main.tf', 'locals {\n x = <<EOT\nterraform { encryption {} }\nEOT\n}'],
  ['no JSON', 'main.tf.json', '{"terraform":'],
  ['other JSON', 'main.tf.json', '{"resource":{"encryption":{}},"terraform":{"backend":{"encryption":{}}}}'],
])('is not seen where it is not: %s', (_what, file, text) => {
  expect(setsEncryption(file, text)).toBe(false);
});
