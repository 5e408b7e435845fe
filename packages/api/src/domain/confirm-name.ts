import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from './actor.ts';

/** Whether the plan takes something away; a replacement does too. */
export function planDestroys(plan: { resourceDestructions: number | null } | undefined): boolean {
  return (plan?.resourceDestructions ?? 0) > 0;
}

/**
 * Before what destroys, a person on the page types the workspace's name, and the server looks too. Scripts and the
 * terraform CLI are not asked: the CLI's own "yes" stands for it there. Throws `confirm_name_required`.
 */
export function requireConfirmName(
  actor: Pick<Actor, 'via'>,
  confirmation: { workspaceName: string; given: string | undefined; pointer?: string },
): void {
  const { workspaceName, given, pointer } = confirmation;
  if (actor.via !== 'session' || given === workspaceName) return;
  const why = given === undefined ? 'This destroys.' : `"${given.slice(0, 100)}" is not its name.`;
  throw new GatehouseError('confirm_name_required', `${why} Type the environment's name: ${workspaceName}.`, {
    pointer: pointer ?? '/confirm-name',
  });
}
