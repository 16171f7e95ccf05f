/** Foresees what the deletion of an integration takes along. */
import type { PreviewRules } from '../../lifecycle/resource-type.ts';
import { allActions } from '../data-action/api.ts';
import { isOwnOfGenesysCloud } from '../data-action/mapping.ts';
import type { IntegrationProperties } from './schema.ts';

export const preview: Pick<PreviewRules<IntegrationProperties>, 'removesToo'> = {
  async removesToo({ id }, operation) {
    const ids: string[] = [];
    for await (const action of allActions({}, operation))
      if (action.integrationId === id && action.id !== undefined && !isOwnOfGenesysCloud(action.id))
        ids.push(action.id);
    return ids;
  },
};
