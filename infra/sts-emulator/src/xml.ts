// The XML of AWS's Query protocol. Only elements and text occur in it.

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** Element name → text, or nested elements; undefined leaves the element out. */
export type XmlTree = { [name: string]: string | number | undefined | XmlTree };

export function answerXml(action: string, result: XmlTree, requestId: string): string {
  return document(`${action}Response`, {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  });
}

export function errorXml(type: 'Sender' | 'Receiver', code: string, message: string, requestId: string): string {
  return document('ErrorResponse', { Error: { Type: type, Code: code, Message: message }, RequestId: requestId });
}

function document(root: string, tree: XmlTree): string {
  return `<${root} xmlns="${namespace}">\n${elements(tree, '  ')}</${root}>\n`;
}

function elements(tree: XmlTree, indent: string): string {
  return Object.entries(tree)
    .map(([name, content]) => {
      if (content === undefined) return '';
      if (typeof content !== 'object') return `${indent}<${name}>${escapeText(String(content))}</${name}>\n`;
      return `${indent}<${name}>\n${elements(content, `${indent}  `)}${indent}</${name}>\n`;
    })
    .join('');
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}
