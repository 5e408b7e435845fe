// Fields that several resources have, with the sentence that is told when one is refused.
import { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';

export const organizationName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{2,39}$/, '3 to 40 letters, digits, "-" and "_", beginning with a letter or digit.');

export const username = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{1,39}$/,
    '2 to 40 letters, digits, ".", "-" and "_", beginning with a letter or digit.',
  )
  .refine((name) => !/^api-(team_|org-)/i.test(name), 'Names that begin so are of teams and organizations.');

export const teamName = z.string().regex(/^[A-Za-z0-9_-]{1,90}$/, '1 to 90 letters, digits, "-" and "_".');

/** An instant, or never. */
export const expiry = z.iso
  .datetime({ offset: true })
  .nullable()
  .default(null)
  .transform((text) => (text === null ? null : new Date(text)));

/** go-tfe joins the values of a parameter with commas. */
export const commaList = z
  .string()
  .max(4000)
  .transform((text) => text.split(',').filter((item) => item !== ''))
  .optional();

/** NIST SP 800-63B asks for 8 at least; a longer one costs nothing. The upper bound is for the hash's sake. */
export const newPassword = z
  .string()
  .min(10, 'At least 10 characters.')
  .max(200, 'At most 200 characters.')
  .transform((text) => new Secret(text));

export const givenPassword = z
  .string()
  .max(200)
  .transform((text) => new Secret(text));

export const description = z.string().max(1000, 'At most 1000 characters.');

// The path of a request is not checked for its form: what does not exist is not found.
export const idParameter = z.object({ id: z.string() });
export const organizationParameter = z.object({ organization: z.string() });
