import { textsOfHcl } from '@gatehouse/shared/hcl-literal';
import { Secret } from '@gatehouse/shared/secret';
import { claimedVariable, sealedContexts } from '@gatehouse/shared/worker-api';
import { z } from 'zod';
import { minimumMaskedLength } from '../../logs/secret-variants.ts';
import type { Step } from '../phase.ts';

/** Opens the workspace's variables, and has the sensitive ones masked before anything else is logged. */
export const openVariables: Step = {
  doing: 'opening the variables',
  async run({ claim, sealer, log, made }) {
    const plain = await sealer.unsealText(claim.sealedVariables, sealedContexts.variables(claim.claimId));
    const variables = z.array(claimedVariable).parse(JSON.parse(plain));
    for (const { key, value, sensitive, hcl } of variables) {
      if (!sensitive || value === '') continue;
      for (const text of hcl ? [value, ...textsOfHcl(value)] : [value]) log.mask(new Secret(text));
      if (value.length < minimumMaskedLength) {
        log.say(
          `the sensitive variable ${key} has fewer than ${minimumMaskedLength} characters: it is not masked here.`,
        );
      }
    }
    made.variables = variables;
    return undefined;
  },
};
