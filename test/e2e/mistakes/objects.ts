/** Objects that do not exist, that others own, or that cannot be taken over. */
import { dataAction } from '../../support/templates.ts';
import { action, byHand, ofLambda, stack, update } from './attempts.ts';
import { CLIENT_APP, from, NOBODY, OTHER_CONTRACT, WEBHOOK } from './base.ts';
import type { Mistake } from './mistake.ts';

export const ofObjects: Mistake[] = [
  {
    what: 'an integration that does not exist',
    make: stack(action({ IntegrationId: NOBODY })),
    names: [NOBODY, 'SharedIntegrationIds'],
    advice: 'Check IntegrationId first',
  },
  {
    what: 'the name of an integration for its id',
    make: stack(action({ IntegrationId: 'Shared' })),
    names: ['IntegrationId', 'Shared is no id'],
    advice: 'must be the id of an integration, as !Ref gives it',
  },
  {
    what: 'the integration of a stack that does not share it',
    make: stack(action({ IntegrationId: from('Private') })),
    names: ['which belongs to another stack', 'SharedWith'],
    advice: 'its owner has to name this stack',
  },
  {
    what: 'an integration that takes no data actions',
    make: stack(action({ IntegrationId: CLIENT_APP })),
    names: ['embedded-client-app takes no data actions'],
    advice: 'Change what it names, and deploy again',
  },
  {
    what: "the name of another stack's action",
    make: stack(action({ Name: 'Taken' })),
    names: ['"Taken"', 'stack base'],
    advice: 'Choose another Name',
  },
  {
    what: 'the name of an action that was made by hand',
    make: stack(action({ Name: 'By hand' })),
    names: ['"By hand"'],
    advice: 'Choose another Name, or delete that data action',
  },
  {
    what: 'two actions of one name in a template',
    make: stack({
      ...action(),
      Second: {
        ...dataAction({ IntegrationId: from('Shared'), Name: { Ref: 'AWS::StackName' } }),
        DependsOn: 'Action',
      },
    }),
    names: ['belongs to Action'],
    advice: 'Choose another Name',
  },
  {
    what: "another stack's action by its id",
    make: stack(action({ ExistingId: from('Taken') })),
    names: ['Taken', 'stack base'],
    advice: 'Set OnDelete: Retain there, deploy, and remove it there; then deploy this again',
  },
  {
    what: 'an ExistingId that does not exist',
    make: stack(action({ ExistingId: NOBODY })),
    names: [NOBODY, 'There is no data action'],
    advice: 'Check ExistingId; to make a new one, leave it out',
  },
  {
    what: 'ExistingId and AdoptExisting together',
    make: stack(action({ ExistingId: NOBODY, AdoptExisting: true })),
    names: ['ExistingId'],
    advice: 'leave AdoptExisting out',
  },
  {
    what: 'a name that several actions have',
    make: stack(action({ Name: 'Twin', AdoptExisting: true })),
    names: ['Several objects have the name'],
    advice: 'Say by ExistingId',
  },
  {
    what: 'an action with another contract',
    make: stack(action({ ExistingId: OTHER_CONTRACT })),
    names: [OTHER_CONTRACT, 'Contract'],
    advice: 'Make the properties as they are there',
  },
  {
    what: 'an integration of another type',
    make: stack(ofLambda({ ExistingId: WEBHOOK })),
    names: [WEBHOOK, 'webhook'],
    advice: 'Check ExistingId',
  },
  {
    what: 'the custom auth action of an integration',
    make: stack(action({ ExistingId: { 'Fn::Sub': ['customAuth_-_${Id}', { Id: from('LogsIn') }] } })),
    names: ['customAuth_-_', 'custom auth action'],
    advice: 'leave it out',
  },
  {
    what: 'another contract while a flow uses the action',
    make: update(action(), action({ Secure: true }), async ({ provider }, ids) => {
      provider.genesys.seed({ flows: [{ name: 'Order menu', actionId: ids['ActionId'] ?? '' }] });
    }),
    names: ['INBOUNDCALLFLOW "Order menu"'],
    advice: 'or set DeletionGuard: None',
  },
  {
    what: 'an integration that was deleted in the UI',
    make: update(ofLambda(), ofLambda({ Notes: 'changed' }), byHand('integrations', 'IntegrationId')),
    names: ['answers 404'],
    advice: 'Deploy again',
    waits: true,
  },
  {
    what: 'an action on an integration that was deleted in the UI',
    make: update(
      ofLambda(),
      { ...ofLambda(), ...action({ IntegrationId: { Ref: 'Integration' } }) },
      byHand('integrations', 'IntegrationId'),
    ),
    names: ['There is no integration', 'deleted'],
    advice: 'Change the Nonce of its resource and deploy',
    waits: true,
  },
  {
    what: 'a name with the ending of unfinished objects',
    make: stack(action({ Name: 'Get order [0123456789ab]' })),
    names: ['Name'],
    advice: 'must not end in 12 hex digits in brackets',
  },
];
