import css from './first-run-lines.module.css';

/** What one writes to queue the first run from a terminal. `host`: this page's own, which the CLI talks to as well. */
export function FirstRunLines(props: { host: string; organization: string; environment: string }) {
  const lines = `terraform {
  cloud {
    hostname     = "${props.host}"
    organization = "${props.organization}"
    workspaces { name = "${props.environment}" }
  }
}

terraform login ${props.host}
terraform init
terraform plan`;
  return (
    // The lines are wider than a phone: they scroll, so the keyboard has to reach them.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section className={css['lines']} tabIndex={0} aria-label="Lines that queue a first run">
      <pre>{lines}</pre>
    </section>
  );
}
