/** Worlds in which roles, functions, objects or the recording key have a fault. */
import {
  CreateAliasCommand as CreateKeyAliasCommand,
  DeleteAliasCommand as DeleteKeyAliasCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import type { Broken } from './broken.ts';
import { iam, inGenesys, physicalId } from './by-hand.ts';
import type { DoctorWorld } from './world.ts';

const roleName = (world: DoctorWorld) => physicalId(world, 'quickstart', 'DataActionRole');

/** Another trust policy; answers the way back. */
async function withTrust(world: DoctorWorld, account: string, externalId: string | string[] | undefined) {
  const RoleName = await roleName(world);
  const put = (principal: string, id: string | string[] | undefined) =>
    iam(world, 'UpdateAssumeRolePolicy', {
      RoleName,
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${principal}:root` },
            Action: 'sts:AssumeRole',
            ...(id === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': id } } }),
          },
        ],
      }),
    });
  await put(account, externalId);
  return () => put('765628985471', world.genesys.organizationId);
}

const keyAlias = (world: DoctorWorld) => world.outputs['recording-key']?.['KeyAliasArn'] ?? '';
const keyArn = (world: DoctorWorld) => world.outputs['recording-key']?.['KeyArn'] ?? '';
const kmsOf = (world: DoctorWorld) => new KMSClient(world.administrator);
const lambdaOf = (world: DoctorWorld) => new LambdaClient(world.administrator);

/** Another target of an action, by hand; answers the way back. */
async function withTarget(world: DoctorWorld, id: string, target: string) {
  const path = `/api/v2/integrations/actions/${id}`;
  const put = async (requestUrlTemplate: string) => {
    const { version, name, category, config } = (await inGenesys(
      world,
      'GET',
      `${path}?includeConfig=true`,
    )) as { version: number; name: string; category: string; config: { request: object; response: object } };
    const { requestTemplateUri: _, ...request } = config.request as Record<string, unknown>;
    const { successTemplateUri: __, ...response } = config.response as Record<string, unknown>;
    await inGenesys(world, 'PATCH', path, {
      version,
      name,
      category,
      config: {
        ...config,
        request: { requestTemplate: '${input.rawRequest}', ...request, requestUrlTemplate },
        response: { successTemplate: '${rawResult}', ...response },
      },
    });
  };
  await put(target);
  const before = await physicalId(world, 'quickstart', 'CustomerFunction');
  return () => put(`arn:aws:lambda:us-east-1:000000000000:function:${before}`);
}

/** A stack with an integration of its own. */
const victim = {
  Resources: {
    Integration: {
      Type: 'Custom::GenesysAwsIntegration',
      Properties: {
        ServiceToken: { 'Fn::ImportValue': 'genesys-cloud-ServiceToken' },
        ServiceTimeout: 300,
        Name: 'Victim',
        IntegrationType: 'custom-rest-actions',
      },
    },
  },
};

export const brokenObjects: Broken[] = [
  {
    name: 'an object that was deleted by hand',
    id: 'managed-objects',
    says: /victim\/Integration: Genesys Cloud does not list the integration/,
    fix: /genesys-cloud-cfn drift/,
    async break(world) {
      await world.deploy('victim', victim);
      const id = await physicalId(world, 'victim', 'Integration');
      await inGenesys(world, 'DELETE', `/api/v2/integrations/${id}`);
      return () => world.remove('victim');
    },
  },
  {
    name: 'an integration in ERROR',
    id: 'integration-state',
    says: /quickstart\/Integration: Genesys Cloud reports ERROR/,
    fix: /genesys-cloud-cfn drift/,
    async break(world) {
      const path = `/api/v2/integrations/${await physicalId(world, 'quickstart', 'Integration')}`;
      const switchTo = (intendedState: string) => inGenesys(world, 'PATCH', path, { intendedState });
      const mendTrust = await withTrust(world, '765628985471', 'another-organization');
      world.genesys.settings({ delays: { roleRecheckMs: 3_600_000 } });
      await switchTo('DISABLED');
      await switchTo('ENABLED');
      await mendTrust();
      return async () => {
        world.genesys.settings({ delays: { roleRecheckMs: 0 } });
        await switchTo('DISABLED');
        await switchTo('ENABLED');
      };
    },
  },
  {
    name: 'a role that is gone',
    id: 'integration-role',
    says: /no role arn:aws:iam::000000000000:role\/quickstart-DataActionRole.* which quickstart\/Integration has/,
    fix: /Make the role again/,
    async break(world) {
      const RoleName = await roleName(world);
      const PolicyArn = await physicalId(world, 'quickstart', 'InvokePolicy');
      const described = await iam(world, 'GetRole', { RoleName });
      const trust = /<AssumeRolePolicyDocument>([^<]*)</.exec(described)?.[1] ?? '';
      await iam(world, 'DetachRolePolicy', { RoleName, PolicyArn });
      await iam(world, 'DeleteRole', { RoleName });
      return async () => {
        await iam(world, 'CreateRole', { RoleName, AssumeRolePolicyDocument: decodeURIComponent(trust) });
        await iam(world, 'AttachRolePolicy', { RoleName, PolicyArn });
      };
    },
  },
  {
    name: 'a role that asks for another id',
    id: 'role-trust',
    says: /asks for the ExternalId another-organization, and the id of the organization is/,
    fix: /Set sts:ExternalId/,
    break: (world) => withTrust(world, '765628985471', 'another-organization'),
  },
  {
    name: 'a role that admits another id, too',
    id: 'role-trust',
    says: /admits other ExternalIds than [0-9a-f-]{36}, too: another-organization\./,
    fix: /the one Condition: { StringEquals: { sts:ExternalId: [0-9a-f-]{36} } }/,
    break: (world) =>
      withTrust(world, '765628985471', ['another-organization', world.genesys.organizationId]),
  },
  {
    name: 'a role that asks for no id',
    id: 'role-trust',
    says: /asks for no ExternalId/,
    fix: /sts:ExternalId: [0-9a-f-]{36}/,
    break: (world) => withTrust(world, '765628985471', undefined),
  },
  {
    name: 'a role that trusts another account',
    id: 'role-trust',
    says: /trusts 111122223333, and Genesys Cloud assumes it from 765628985471/,
    fix: /arn:aws:iam::765628985471:root/,
    break: (world) => withTrust(world, '111122223333', world.genesys.organizationId),
  },
  {
    name: 'a role without the right to invoke',
    id: 'role-invoke',
    says: /no policy of the role quickstart-DataActionRole.* lets it invoke arn:aws:lambda:.*CustomerFunction/,
    fix: /Allow lambda:InvokeFunction on arn:/,
    async break(world) {
      const RoleName = await roleName(world);
      const PolicyArn = await physicalId(world, 'quickstart', 'InvokePolicy');
      await iam(world, 'DetachRolePolicy', { RoleName, PolicyArn });
      return () => iam(world, 'AttachRolePolicy', { RoleName, PolicyArn });
    },
  },
  {
    name: 'a role that is denied the right to invoke',
    id: 'role-invoke',
    says: /no policy of the role/,
    fix: /Allow lambda:InvokeFunction/,
    async break(world) {
      const RoleName = await roleName(world);
      const deny = { Effect: 'Deny', Action: 'lambda:*', Resource: '*' };
      await iam(world, 'PutRolePolicy', {
        RoleName,
        PolicyName: 'deny',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: deny }),
      });
      return () => iam(world, 'DeleteRolePolicy', { RoleName, PolicyName: 'deny' });
    },
  },
  {
    name: 'a function that is gone',
    id: 'action-function',
    says: /quickstart\/CustomerAction: there is no function arn:aws:lambda/,
    fix: /Deploy the function again/,
    async break(world) {
      const FunctionName = await physicalId(world, 'quickstart', 'CustomerFunction');
      const lambda = lambdaOf(world);
      const there = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      await lambda.send(new DeleteFunctionCommand({ FunctionName }));
      return () =>
        lambda.send(
          new CreateFunctionCommand({
            FunctionName,
            Runtime: there.Runtime,
            Handler: there.Handler,
            Role: there.Role,
            Code: { S3Bucket: world.prepared.bucket, S3Key: world.prepared.key },
          }),
        );
    },
  },
  {
    name: 'an alias of an endpoint that is gone',
    id: 'endpoint-alias',
    says: /The alias api of the endpoint endpoint is gone/,
    fix: /deploy templates\/endpoint\.yaml/,
    async break(world) {
      const [FunctionName = '', Name = ''] = splitAlias(world.outputs['endpoint']?.['ApiFunctionArn']);
      await lambdaOf(world).send(new DeleteAliasCommand({ FunctionName, Name }));
      return () =>
        lambdaOf(world).send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: '$LATEST' }));
    },
  },
  {
    name: 'a role that may invoke every alias of an endpoint',
    id: 'endpoint-alias',
    says: /may invoke the alias api and alb of an endpoint/,
    fix: /the alias live alone/,
    async break(world) {
      const [arn = ''] = splitAlias(world.outputs['endpoint']?.['ApiFunctionArn']);
      const RoleName = await roleName(world);
      const allow = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `${arn}:*` };
      await iam(world, 'PutRolePolicy', {
        RoleName,
        PolicyName: 'all',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allow] }),
      });
      return () => iam(world, 'DeleteRolePolicy', { RoleName, PolicyName: 'all' });
    },
  },
  {
    name: 'an action that invokes the alias of another way in',
    id: 'endpoint-alias',
    says: /quickstart\/CustomerAction invokes the alias api of an endpoint/,
    fix: /output FunctionArn of the endpoint's stack/,
    async break(world) {
      const id = await physicalId(world, 'quickstart', 'CustomerAction');
      const arn = world.outputs['endpoint']?.['ApiFunctionArn'] ?? '';
      const RoleName = await roleName(world);
      const PolicyArn = await physicalId(world, 'quickstart', 'InvokePolicy');
      const mendTarget = await withTarget(world, id, arn);
      // The condition leaves open whether the role may invoke the alias.
      const allow = {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: arn,
        Condition: { Bool: { 'aws:SecureTransport': 'true' } },
      };
      await iam(world, 'DetachRolePolicy', { RoleName, PolicyArn });
      await iam(world, 'PutRolePolicy', {
        RoleName,
        PolicyName: 'api',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allow] }),
      });
      return async () => {
        await iam(world, 'DeleteRolePolicy', { RoleName, PolicyName: 'api' });
        await iam(world, 'AttachRolePolicy', { RoleName, PolicyArn });
        await mendTarget();
      };
    },
  },
  {
    name: 'a permissions boundary without the right to invoke',
    id: 'role-invoke',
    says: /the permissions boundary of the role quickstart-DataActionRole.* does not let it invoke/,
    fix: /in a policy of the role and in its boundary/,
    async break(world) {
      const RoleName = await roleName(world);
      const made = await iam(world, 'CreatePolicy', {
        PolicyName: 'boundary',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
        }),
      });
      const PermissionsBoundary = /<Arn>([^<]*)</.exec(made)?.[1] ?? '';
      await iam(world, 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
      return () => iam(world, 'DeleteRolePermissionsBoundary', { RoleName });
    },
  },
  {
    name: 'a function of another Region',
    id: 'action-function',
    says: /function arn:aws:lambda:eu-west-1:.* is in eu-west-1, and the organization in us-east-1/,
    fix: /Deploy the function in us-east-1/,
    async break(world) {
      const id = await physicalId(world, 'quickstart', 'CustomerAction');
      const RoleName = await roleName(world);
      const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:orders';
      const mendTarget = await withTarget(world, id, arn);
      const allow = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arn };
      await iam(world, 'PutRolePolicy', {
        RoleName,
        PolicyName: 'elsewhere',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allow] }),
      });
      return async () => {
        await iam(world, 'DeleteRolePolicy', { RoleName, PolicyName: 'elsewhere' });
        await mendTarget();
      };
    },
  },
  {
    name: 'an alias of the recording key that is gone',
    id: 'recording-key-alias',
    says: /no alias arn:aws:kms:.*alias\/genesys-cloud-recordings/,
    fix: /create-alias --alias-name alias\/genesys-cloud-recordings/,
    async break(world) {
      const AliasName = keyAlias(world).split(':').at(-1);
      await kmsOf(world).send(new DeleteKeyAliasCommand({ AliasName }));
      return () => kmsOf(world).send(new CreateKeyAliasCommand({ AliasName, TargetKeyId: keyArn(world) }));
    },
  },
  {
    name: 'a recording key that is disabled',
    id: 'recording-key-state',
    says: /is Disabled/,
    fix: /enable-key --key-id arn:/,
    async break(world) {
      await kmsOf(world).send(new DisableKeyCommand({ KeyId: keyArn(world) }));
      return () => kmsOf(world).send(new EnableKeyCommand({ KeyId: keyArn(world) }));
    },
  },
  {
    name: 'a key policy for another organization',
    id: 'recording-key-policy',
    says: /has a statement for organization 00000000-0000-4000-8000-000000000000, but none with/,
    fix: /templates\/kms\/recording-key\.yaml/,
    async break(world) {
      const kms = kmsOf(world);
      const of = { KeyId: keyArn(world), PolicyName: 'default' };
      const { Policy: before = '' } = await kms.send(new GetKeyPolicyCommand(of));
      const other = before.replaceAll(world.genesys.organizationId, '00000000-0000-4000-8000-000000000000');
      await kms.send(new PutKeyPolicyCommand({ ...of, Policy: other }));
      return () => kms.send(new PutKeyPolicyCommand({ ...of, Policy: before }));
    },
  },
  {
    name: 'a recording key that is not rotated',
    id: 'recording-key-rotation',
    says: /is not rotated/,
    fix: /enable-key-rotation --key-id arn:/,
    async break(world) {
      await kmsOf(world).send(new DisableKeyRotationCommand({ KeyId: keyArn(world) }));
      return () => kmsOf(world).send(new EnableKeyRotationCommand({ KeyId: keyArn(world) }));
    },
  },
  {
    name: 'a recording key that Genesys Cloud could not use',
    id: 'recording-key-use',
    says: /Genesys Cloud says: /,
    fix: /change Nonce of the resource/,
    async break(world) {
      const id = await physicalId(world, 'quickstart', 'RecordingKey');
      const save = () =>
        inGenesys(world, 'PUT', `/api/v2/recording/keyconfigurations/${id}`, {
          id,
          url: keyAlias(world),
          keyConfigurationType: 'KmsSymmetric',
        });
      await kmsOf(world).send(new DisableKeyCommand({ KeyId: keyArn(world) }));
      await save();
      await kmsOf(world).send(new EnableKeyCommand({ KeyId: keyArn(world) }));
      return save;
    },
  },
];

/** The function and the alias of an ARN. */
function splitAlias(arn = ''): [string, string] {
  const at = arn.lastIndexOf(':');
  return [arn.slice(0, at), arn.slice(at + 1)];
}
