// The shapes of JSON:API as the TFE API v2 uses them: zod schemas from which requests are parsed, answers are checked
// and the OpenAPI document is made, and the small builders of such answers.
import { z } from 'zod';

/**
 * One resource. `extra` holds `relationships` and `links` where it has them, each a zod object:
 * `resourceSchema('runs', { status: z.string() }, { relationships: z.object({ plan: toOne('plans') }) })`.
 */
export function resourceSchema<
  const Type extends string,
  Attributes extends z.ZodRawShape,
  Extra extends z.ZodRawShape = Record<never, never>,
>(type: Type, attributes: Attributes, extra?: Extra) {
  const nothing: Record<never, never> = {};
  // Without `extra` the default of its type, an empty shape, is what is spread.
  const more = (extra ?? nothing) as Extra;
  return z.object({ id: z.string(), type: z.literal(type), attributes: z.object(attributes), ...more });
}

/** Where a page counts down: by this clock, not by its reader's. */
const serverNow = { 'server-now': z.iso.datetime().optional() };

/** `included` is what `?include=` may add: a schema, or a union, of resources. */
export function documentSchema<Resource extends z.ZodType, Included extends z.ZodType = z.ZodUnknown>(
  resource: Resource,
  included?: Included,
) {
  return z.object({
    data: resource,
    included: z.array(included ?? z.unknown()).optional(),
    meta: z.object(serverNow).optional(),
  });
}

const paginationSchema = z.object({
  'current-page': z.int(),
  'prev-page': z.int().nullable(),
  'next-page': z.int().nullable(),
  'total-pages': z.int(),
  'total-count': z.int(),
});

export function listSchema<Resource extends z.ZodType, Included extends z.ZodType = z.ZodUnknown>(
  resource: Resource,
  included?: Included,
) {
  return z.object({
    data: z.array(resource),
    included: z.array(included ?? z.unknown()).optional(),
    meta: z.object({ pagination: paginationSchema, ...serverNow }),
  });
}

/** A relationship to one resource, or to none. */
export function toOne<const Type extends string>(type: Type) {
  return z.object({ data: z.object({ id: z.string(), type: z.literal(type) }).nullable() });
}

/** The value of a `toOne` relationship. */
export function reference<const Type extends string>(type: Type, id: string): { data: { id: string; type: Type } };
export function reference<const Type extends string>(
  type: Type,
  id: string | null,
): { data: { id: string; type: Type } | null };
export function reference<const Type extends string>(type: Type, id: string | null) {
  return { data: id === null ? null : { id, type } };
}

/** A relationship to any number of resources. */
export function toMany<const Type extends string>(type: Type) {
  return z.object({ data: z.array(z.object({ id: z.string(), type: z.literal(type) })) });
}

/** The value of a `toMany` relationship. */
export function references<const Type extends string>(type: Type, ids: readonly string[]) {
  return { data: ids.map((id) => ({ id, type })) };
}

/** UTC with a literal Z: HashiCorp's JSON:API library refuses every other form (constants.go:17). */
export const timestamp = z.iso.datetime();

export function timestampOf(instant: Date): string;
export function timestampOf(instant: Date | null): string | null;
export function timestampOf(instant: Date | null): string | null {
  return instant === null ? null : instant.toISOString();
}

const maxPageSize = 100;

/** Merge with filters: `pageQuery.extend({ 'filter[status]': … })`. Unknown parameters are ignored, as clients send many. */
export const pageQuery = z.object({
  'page[number]': z.coerce.number().int().min(1).max(1_000_000).default(1),
  // A page is never larger than the largest, and no refusal: clients ask for as much as there is.
  'page[size]': z.coerce
    .number()
    .int()
    .min(1)
    .transform((size) => Math.min(size, maxPageSize))
    .default(20),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** What a store needs to fetch the page. */
export type Page = { limit: number; offset: number };

export function pageOf(query: PageQuery): Page {
  return { limit: query['page[size]'], offset: (query['page[number]'] - 1) * query['page[size]'] };
}

/** The answer of a list. `totalCount` is that of the whole list, `data` that of this page. `now`: the server's time. */
export function listDocument<Resource>(data: Resource[], totalCount: number, query: PageQuery, now?: Date) {
  const current = query['page[number]'];
  const totalPages = Math.max(1, Math.ceil(totalCount / query['page[size]']));
  return {
    data,
    meta: {
      ...(now === undefined ? {} : { 'server-now': timestampOf(now) }),
      pagination: {
        'current-page': current,
        'prev-page': current > 1 ? current - 1 : null,
        'next-page': current < totalPages ? current + 1 : null,
        'total-pages': totalPages,
        'total-count': totalCount,
      },
    },
  };
}

/** One resource, with the time of the server in its `meta`. */
export function documentAt<Resource>(now: Date, data: Resource) {
  return { data, meta: { 'server-now': timestampOf(now) } };
}

/**
 * The body `{"data": {"attributes": …}}`. `type` is not looked at: the terraform CLI sends an empty one when it locks.
 * Make `attributes` a `z.strictObject`, so that a misspelt one is named instead of ignored.
 */
export function requestDocument<
  Attributes extends z.ZodType,
  Relationships extends z.ZodType = z.ZodOptional<z.ZodUnknown>,
>(attributes: Attributes, relationships?: Relationships) {
  // Without a schema of its own the relationships are accepted and ignored, the default of the type parameter.
  const accepted = (relationships ?? z.unknown().optional()) as Relationships;
  return z.object({ data: z.object({ attributes, relationships: accepted }) });
}

/** Attributes that HashiCorp's clients send and Gatehouse has no use for: accepted in a strict object, and ignored. */
export function ignored<const Name extends string>(names: readonly Name[]) {
  // Object.fromEntries types its keys as string; they are exactly the names.
  return Object.fromEntries(names.map((name) => [name, z.unknown().optional()])) as Record<
    Name,
    z.ZodOptional<z.ZodUnknown>
  >;
}
