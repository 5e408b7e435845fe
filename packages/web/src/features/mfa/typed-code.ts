import { tokenCodePattern, tokenCodeStepSeconds } from '@gatehouse/shared/mfa-level';

export const codeLength = 6;

/** What a field holds after somebody typed into it: digits only; a seventh is not taken. */
export function afterTyping(before: string, typed: string): { digits: string; hasTooMany: boolean } {
  const digits = onlyDigits(typed);
  return digits.length > codeLength ? { digits: before, hasTooMany: true } : { digits, hasTooMany: false };
}

/** The code in a pasted text, such as `123 456`, `123-456`, `Code: 123456`; undefined without exactly one. */
export function pastedCode(text: string): string | undefined {
  const runs = text.replace(/[\s-]/g, '').match(/\d+/g) ?? [];
  const codes = runs.filter((run) => run.length === codeLength);
  return runs.length === 1 ? codes[0] : undefined;
}

/** How many digits a pasted text has: what the hint tells. */
export function digitCount(text: string): number {
  return onlyDigits(text).length;
}

export function isCode(text: string): boolean {
  return tokenCodePattern.test(text);
}

/** Seconds until a device whose clock is right shows its next code. */
export function secondsToNextCode(now: number): number {
  return tokenCodeStepSeconds - (Math.floor(now / 1000) % tokenCodeStepSeconds);
}

function onlyDigits(text: string): string {
  return text.replace(/\D/g, '');
}
