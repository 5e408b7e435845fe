import { z } from 'zod';

/** As much of JSON Schema as the routes' schemas use. */
export type Shape = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  minItems?: number;
  minLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  format?: string;
  pattern?: string;
};

/** What a route's schema asks for; undefined where it asks for nothing. */
export function shapeOf(schema: unknown): Shape | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  // The types of JSON Schema are wider than what is read of it here.
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
}

const texts: Record<string, string> = {
  email: 'someone@example.com',
  'date-time': '2030-01-01T00:00:00Z',
  base64: 'e30=',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** The smallest value that a schema takes; text that has a pattern of its own is a name. */
export function sampleOf(shape: Shape): unknown {
  if ('const' in shape) return shape.const;
  if (shape.enum !== undefined) return shape.enum[0];
  const choice = shape.anyOf?.[0] ?? shape.oneOf?.[0] ?? shape.allOf?.[0];
  if (choice !== undefined) return sampleOf(choice);
  switch ([shape.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        (shape.required ?? []).map((name) => [name, sampleOf(shape.properties?.[name] ?? {})] as const),
      );
    case 'array':
      return Array.from({ length: shape.minItems ?? 0 }, () => sampleOf(shape.items ?? {}));
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return shape.minimum !== undefined && shape.minimum > -1e9 ? shape.minimum : 1;
    case 'string':
      if (shape.pattern?.startsWith('^[0-9a-f]{32}') === true) return '0'.repeat(32);
      return texts[shape.format ?? ''] ?? 'tried-by-a-stranger'.padEnd(shape.minLength ?? 0, 'x').slice(0, 30);
    default:
      return null;
  }
}
