import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gapFiller } from '../../src/logs/log-gap.ts';

test('a gap is filled with exactly as many bytes, and says so where there is room', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (from, length) => {
      const filler = gapFiller(from, from + length);
      expect(filler).toHaveLength(length);
      if (length > 1) expect(filler.at(-1)).toBe(0x0a);
      if (from === 0 && length > 0) expect(filler[0]).toBe(0x02);
      expect(filler.includes(0x03)).toBe(false);
      if (length > 100) expect(filler.toString()).toContain(`${length} bytes of this log were lost`);
    }),
  );
});
