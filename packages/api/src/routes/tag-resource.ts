import { z } from 'zod';
import { longestTagValue, tagName, tagValueRule } from '../domain/project-rules.ts';
import type { OrganizationTag } from '../store/organization-tags.ts';
import type { EffectiveTagBinding, TagBinding } from '../store/tags.ts';
import { reference, resourceSchema, toOne } from './json-api.ts';

export const tagSchema = resourceSchema('tags', { name: z.string() });

export const organizationTagSchema = resourceSchema(
  'tags',
  {
    name: z.string(),
    'instance-count': z.int(),
  },
  { relationships: z.object({ organization: toOne('organizations') }) },
);

export const tagBindingSchema = resourceSchema('tag-bindings', { key: z.string(), value: z.string() });

export const effectiveTagBindingSchema = resourceSchema(
  'effective-tag-bindings',
  { key: z.string(), value: z.string() },
  {
    links: z.object({
      /** The project that bears it, where the workspace itself does not. */
      'inherited-from': z.string().optional(),
    }),
  },
);

/** A tag as a word: known by the id of the word, which all its bearers share. */
export function tagResource({ tagId, key }: TagBinding): z.input<typeof tagSchema> {
  return { id: tagId, type: 'tags', attributes: { name: key } };
}

export function organizationTagResource(tag: OrganizationTag): z.input<typeof organizationTagSchema> {
  return {
    id: tag.id,
    type: 'tags',
    attributes: { name: tag.name, 'instance-count': tag.instanceCount },
    relationships: { organization: reference('organizations', tag.organization) },
  };
}

export function tagBindingResource({ id, key, value }: TagBinding): z.input<typeof tagBindingSchema> {
  return { id, type: 'tag-bindings', attributes: { key, value } };
}

export function effectiveTagBindingResource(tag: EffectiveTagBinding): z.input<typeof effectiveTagBindingSchema> {
  return {
    id: tag.id,
    type: 'effective-tag-bindings',
    attributes: { key: tag.key, value: tag.value },
    links: tag.inheritedFrom === null ? {} : { 'inherited-from': `/api/v2/projects/${tag.inheritedFrom}` },
  };
}

const key = z.string().regex(tagName.pattern, tagName.rule);

/** `data` of a request that names tags with their values; go-tfe leaves an empty value out. */
export const givenTagBindings = z
  .array(z.object({ attributes: z.object({ key, value: z.string().max(longestTagValue, tagValueRule).default('') }) }))
  .max(100);

/** `data` of a request that names tags as words, or by their ids. */
export const givenTags = z
  .array(z.object({ id: z.string().optional(), attributes: z.object({ name: key.optional() }).optional() }))
  .max(100);

export function tagsGiven(bindings: z.output<typeof givenTagBindings>) {
  return bindings.map(({ attributes }) => attributes);
}

/** A resource that a request names by its id; go-tfe sends all that it knows of it. */
export const related = z.object({ data: z.object({ id: z.string() }) });
