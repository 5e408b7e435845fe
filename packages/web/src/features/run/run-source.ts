/** Where a run was asked for: `from the terraform CLI`. Sources are words of the TFE API; an unknown one shows as it is. */
export function sourceWords(source: string): string {
  const words: Readonly<Record<string, string>> = {
    'terraform+cloud': 'from the terraform CLI',
    'tfe-cli': 'from the terraform CLI',
    'tfe-api': 'through the API',
    'tfe-ui': 'on the page',
    'gatehouse-page': 'on the page',
    'tfe-configuration-version': 'by an upload',
  };
  return words[source] ?? `from ${source}`;
}
