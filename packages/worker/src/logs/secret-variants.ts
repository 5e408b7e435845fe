import type { Secret } from '@gatehouse/shared/secret';

/** Shorter values ("true", "prod") are words of every log: masking them would hide the log, and tell the value by its gaps. */
export const minimumMaskedLength = 6;

/**
 * The forms in which a secret turns up by accident: raw, escaped for JSON (as JavaScript and as Go do it, once and
 * twice) and for HCL, URL-encoded, in base64 wherever it starts in the encoded text, and each line of a longer one. No
 * guard against a run that wants to print it: reversed, spaced out or compressed it passes.
 */
export function variantsOf(secret: Secret): Set<string> {
  const value = secret.reveal();
  const lines = value.includes('\n') ? value.split(/\r?\n/).map((line) => line.trim()) : [];
  const variants = new Set<string>();
  for (const text of [value, value.trim(), ...lines]) {
    if (text.length < minimumMaskedLength) continue;
    for (const variant of formsOf(text)) if (variant.length >= minimumMaskedLength) variants.add(variant);
  }
  return variants;
}

function formsOf(text: string): string[] {
  const escaped = jsonEscaped(text);
  return [
    text,
    escaped,
    goEscaped(escaped),
    jsonEscaped(escaped),
    jsonEscaped(goEscaped(escaped)),
    goEscaped(jsonEscaped(escaped)),
    // HCL doubles the marks of a template.
    escaped.replaceAll('${', '$${').replaceAll('%{', '%%{'),
    encodeURIComponent(wellFormed(text)),
    encodeURIComponent(wellFormed(text)).replaceAll('%20', '+'),
    encodeURI(wellFormed(text)),
    ...base64Forms(text),
  ];
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Go's encoding/json also escapes what could end a script element. */
function goEscaped(text: string): string {
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** Base64 of a text that holds the secret: three alignments, less the characters that its neighbours take part in. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const first = Math.ceil((before * 8) / 6);
    const wholeBits = (before + bytes.length) * 8;
    const inner = encoded.slice(first, Math.floor(wholeBits / 6));
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
