import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A credential or an MFA code on its way through the program. It is not a string: printing, logging, serialising or
 * inspecting it shows `[secret]`. Only the sandbox's environment, the STS exchange and sealing may call `reveal()`
 * (`test/architecture.test.ts` holds the list).
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
