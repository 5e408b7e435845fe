import * as z from 'zod/mini';

/** `{id, type, attributes}` with the attributes that the page reads; others are ignored. */
export function resource<const Type extends string, Attributes extends z.core.$ZodLooseShape>(
  type: Type,
  attributes: Attributes,
) {
  return z.object({ id: z.string(), type: z.literal(type), attributes: z.object(attributes) });
}

export function one<Resource extends z.core.$ZodType>(schema: Resource) {
  return z.object({ data: schema });
}

export function many<Resource extends z.core.$ZodType>(schema: Resource) {
  return z.object({
    data: z.array(schema),
    meta: z.optional(z.object({ pagination: z.optional(z.object({ 'total-count': z.int() })) })),
  });
}

/** A UTC instant as milliseconds since 1970. */
export const instant = z.pipe(
  z.iso.datetime(),
  z.transform((text: string) => Date.parse(text)),
);

/** The body of a write: `{"data": {"attributes": …}}`. */
export function attributesDocument(type: string, attributes: Record<string, unknown>) {
  return { data: { type, attributes } };
}
