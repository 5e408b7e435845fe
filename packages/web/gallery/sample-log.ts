const encoder = new TextEncoder();

/** A plan's log as terraform colours it, with what a log must not be able to do. */
export function sampleLog(): Uint8Array {
  return encoder.encode(
    [
      'AWS MFA required before the plan may start. Enter a code at https://gatehouse.example/app/acme/network-prod.',
      'Authenticated with MFA by `bob`',
      'Initializing the backend...',
      '\x1b[0m\x1b[1mInitializing provider plugins...\x1b[0m',
      '- Finding hashicorp/aws versions matching "5.100.0"...',
      '\x1b[32mTerraform has been successfully initialized!\x1b[0m',
      '\x1b[0m\x1b[1maws_subnet.private[2]: Refreshing state... [id=subnet-0a1b2c]\x1b[0m',
      'progress 10 %\rprogress 60 %\rprogress 100 %',
      '\x1b[33m╷\x1b[0m',
      '\x1b[33m│\x1b[0m \x1b[1m\x1b[33mWarning: \x1b[0m\x1b[1mArgument is deprecated\x1b[0m',
      '\x1b[33m│\x1b[0m   See https://registry.terraform.io/providers/hashicorp/aws (not a link: javascript:alert(1)).',
      '\x1b[33m╵\x1b[0m',
      'two hundred and fifty-six: \x1b[38;5;208morange\x1b[0m, true: \x1b[38;2;0;0;80mnavy\x1b[0m, \x1b[7minverse\x1b[0m',
      'reordered: \u202egnp.exe\u202c, hyperlink: \x1b]8;;https://evil.example\x07click\x1b]8;;\x07, title: \x1b]0;pwned\x07done',
      '<script>document.title = "pwned"</script><img src=x onerror=alert(1)>',
      '  \x1b[31m-\x1b[0m destroy  \x1b[33m~\x1b[0m update  \x1b[32m+\x1b[0m create  \x1b[36mcyan\x1b[0m \x1b[35mmagenta\x1b[0m \x1b[34mblue\x1b[0m \x1b[90mgrey\x1b[0m',
      '\x1b[1mPlan:\x1b[0m 4 to add, 2 to change, 2 to destroy.',
      '',
    ].join('\n'),
  );
}

/** `count` lines, every tenth in colour, about 90 bytes each. */
export function longLog(count: number, from: number = 1): Uint8Array {
  const lines = Array.from({ length: count }, (_, index) => {
    const line = from + index;
    const name = `module.vpc.aws_subnet.private[${line}]: Refreshing state... [id=subnet-${line.toString(16).padStart(17, '0')}]`;
    return line % 10 === 0 ? `\x1b[0m\x1b[1m${name}\x1b[0m \x1b[32mok\x1b[0m` : name;
  });
  return encoder.encode(`${lines.join('\n')}\n`);
}
