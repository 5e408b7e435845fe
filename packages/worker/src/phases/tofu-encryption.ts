import { parseForeignJson } from '@gatehouse/shared/foreign-json';

// What can be skipped over in HCL without understanding it, then what is looked for. A quote inside of a template ends
// and begins a string for us, which comes to the same: templates of a valid file pair their quotes and braces.
const tokens =
  /#.*|\/\/.*|\/\*[\s\S]*?\*\/|<<-?(?<end>\w+)\r?\n[\s\S]*?^\s*\k<end>\s*$|"(?:\\.|[^"\\])*"|[A-Za-z_][\w-]*|[{}]/gm;

/**
 * Whether one file of a root module sets up OpenTofu's encryption of states or plans: an `encryption` block directly in
 * a `terraform` block. False for what does not parse; OpenTofu says so itself.
 */
export function setsEncryption(fileName: string, text: string): boolean {
  return fileName.endsWith('.json') ? setsItInJson(text) : setsItInHcl(text);
}

function setsItInHcl(text: string): boolean {
  const blocks: string[] = [];
  let before = '';
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{') {
      if (before === 'encryption' && blocks.length === 1 && blocks[0] === 'terraform') return true;
      blocks.push(before);
    } else if (token === '}') blocks.pop();
    if (!/^(#|\/\/|\/\*)/.test(token)) before = token;
  }
  return false;
}

function setsItInJson(text: string): boolean {
  try {
    const file: unknown = parseForeignJson(Buffer.from(text));
    return members(file, 'terraform').some((block) => members(block, 'encryption').length > 0);
  } catch {
    return false;
  }
}

/** A block in JSON syntax is an object, or an array of them. */
function members(value: unknown, name: string): unknown[] {
  return [value]
    .flat()
    .filter((each) => typeof each === 'object' && each !== null)
    .flatMap((each) => Object.entries(each).filter(([key]) => key === name))
    .flatMap(([, member]) => member);
}
