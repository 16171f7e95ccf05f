import { aws, deleteStack, describeStack, outputs } from '../../../local/aws/cli.ts';
import { cloudFormation, create, remove } from '../../../local/aws/stacks.ts';
import { probeTemplate } from './probe.ts';
import {
  client,
  parameter,
  probe,
  refusal,
  server,
  stackName,
  startWorld,
  stopWorld,
  thing,
} from './world.ts';

beforeAll(startWorld);
afterAll(stopWorld);

describe('what is refused', () => {
  test('an attribute that the answer did not hold fails the stack', async () => {
    const { status, reasons } = await create(client, stackName(), {
      Resources: { A: thing(), P: parameter({ 'Fn::GetAtt': ['A', 'Missing'] }) },
    });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reasons['P CREATE_FAILED']).toContain('Missing');
  });

  test('parameters that break a constraint, are missing, or fail a rule, before anything is created', async () => {
    const template = {
      Parameters: {
        Name: {
          Type: 'String',
          AllowedPattern: '[a-z]+',
          MinLength: 2,
          MaxLength: 4,
          ConstraintDescription: 'is two to four small letters',
        },
        Number: { Type: 'Number', MinValue: 1, MaxValue: 3, Default: 2 },
      },
      Rules: {
        Together: {
          Assertions: [
            {
              Assert: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Name' }, 'bad'] }] },
              AssertDescription: 'Name must not be bad',
            },
          ],
        },
      },
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
    };
    const attempt = (parameters: Record<string, string>) =>
      refusal(create(client, stackName(), template, { parameters }));
    const description = "ValidationError: Parameter 'Name' is two to four small letters";
    expect(await attempt({ Name: 'A1' })).toBe(description);
    expect(await attempt({ Name: 'a' })).toBe(description);
    expect(await attempt({ Name: 'abcde' })).toBe(description);
    expect(await attempt({ Name: 'abc', Number: '4' })).toMatch(
      /^ValidationError: Parameter 'Number' must be/,
    );
    expect(await attempt({})).toMatch(/^ValidationError: .*Name/);
    expect(await attempt({ Name: 'bad' })).toMatch(/^ValidationError: .*Name must not be bad/);
    expect(await attempt({ Name: 'abc' })).toBe('accepted');
  });
});

describe('between stacks', () => {
  test('an export is imported, listed by its importers, and keeps its stack from deletion', async () => {
    const [owner, user] = [stackName(), stackName()];
    await create(client, owner, {
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
      Outputs: { Arn: { Value: { Ref: 'Topic' }, Export: { Name: owner } } },
    });
    const importer = await create(client, user, {
      Resources: { P: parameter({ 'Fn::ImportValue': owner }) },
    });
    const listed = await aws<{ Imports: string[] }>(server, [
      'cloudformation',
      'list-imports',
      '--export-name',
      owner,
    ]);
    expect(listed.Imports).toEqual([user]);
    await expect(deleteStack(server, owner)).rejects.toThrow(`Export ${owner} is imported by stack ${user}`);
    await remove(client, importer.stackId);
    await deleteStack(server, owner);
  });

  test('two regions of one server hold stacks and exports of the same names apart', async () => {
    const name = stackName();
    const elsewhere = cloudFormation(server, 'eu-west-1');
    await create(elsewhere, 'probe', probeTemplate);
    const template = { Resources: { A: thing() }, Outputs: { Id: { Value: { Ref: 'A' } } } };
    const [here, there] = await Promise.all([
      create(client, name, template),
      create(elsewhere, name, template),
    ]);
    const [one, other] = [probe.events(here.stackId)[0], probe.events(there.stackId)[0]];
    expect(one?.ServiceToken).toMatch(/^arn:aws:lambda:us-east-1:/);
    expect(other?.ServiceToken).toMatch(/^arn:aws:lambda:eu-west-1:/);
    expect(await outputs(server, name, { region: 'eu-west-1' })).toEqual({ Id: 'A-1' });
    await remove(elsewhere, there.stackId);
    await expect(describeStack(server, name, { region: 'eu-west-1' })).rejects.toThrow('does not exist');
    expect((await describeStack(server, name)).StackStatus).toBe('CREATE_COMPLETE');
  });
});
