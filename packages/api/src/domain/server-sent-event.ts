/** One server-sent event; `data` as JSON, which has no line breaks. `id` undefined: a reader's place stays what it was. */
export function serverSentEvent(event: string, data: unknown, id?: string | number): string {
  const place = id === undefined ? '' : `id: ${id}\n`;
  return `${place}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
