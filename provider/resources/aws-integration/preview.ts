/** Foresees the credential of an integration, and what its deletion takes along. */
import type { CollectionPreviewRules } from '../../lifecycle/collection-preview.ts';
import { allActions } from '../data-action/api.ts';
import { isOwnOfGenesysCloud } from '../data-action/mapping.ts';
import type { Prepared } from './mapping.ts';
import type { IntegrationProperties } from './schema.ts';

export const preview: CollectionPreviewRules<IntegrationProperties, Prepared> = {
  partsOf({ credential }, newId) {
    switch (credential.do) {
      case 'keep':
        return credential.details;
      case 'name':
        return { credentialId: credential.id };
      case 'write':
        return { credentialId: newId };
      case 'without':
        return { credentialId: '' };
    }
  },

  async removesToo({ id }, operation) {
    const ids: string[] = [];
    for await (const action of allActions({}, operation))
      if (action.integrationId === id && action.id !== undefined && !isOwnOfGenesysCloud(action.id))
        ids.push(action.id);
    return ids;
  },
};
