/**
 * `make publish BUCKET_PREFIX=… REGIONS=…` uploads packages and templates to the bucket `<prefix>-<region>`
 * of every Region, verifies them there and writes dist/manifest.json.
 * The same command can run again at any time; it skips files that are already uploaded.
 */
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../../common/errors.ts';
import { brief } from '../../../common/text.ts';
import { refuse, showHelp, wholeNumber } from '../arguments.ts';
import { collectArtifacts, keyRoot, manifestOf, packageVersion, root } from '../artifacts.ts';
import { callerAccount, cloudFormationClient, s3Client } from '../clients.ts';
import { collectDefinitions, definitionLines } from '../definitions.ts';
import { endWithFailures, endWithOneLine } from '../endings.ts';
import { withProgress } from '../progress.ts';
import { type Published, publishRegion } from '../publish.ts';
import { parseAccounts, parseRegions } from '../regions.ts';
import { say, table } from '../report.ts';
import { deployStack } from '../stack.ts';
import { inParallel, type Outcome } from '../waves.ts';

const help = `node scripts/rollout/commands/publish.ts --bucket-prefix <prefix> --regions <region,…> [options]
  --dry-run                  say what would be uploaded
  --create-buckets           first make the buckets by templates/stacksets/artifact-bucket.yaml
  --organization-id <o-…>    with --create-buckets: the organization whose accounts may read
  --reader-accounts <id,…>   with --create-buckets: further accounts that may read
  --bucket-account <id>      the account that owns the buckets; default: the caller's
  --definitions <folder>     upload the data actions in it, too: every *.json, as Genesys Cloud's UI exports them
  --from <folder>            an unpacked release instead of this checkout: package.json, dist/, templates/
  --parallel <number>        Regions at once; default 6
  --manifest <file>          default dist/manifest.json`;

/** Publishes to every Region. @throws CallerError where an argument cannot be meant so */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      'bucket-prefix': { type: 'string' },
      regions: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'create-buckets': { type: 'boolean', default: false },
      'organization-id': { type: 'string', default: '' },
      'reader-accounts': { type: 'string', default: '' },
      'bucket-account': { type: 'string' },
      definitions: { type: 'string' },
      from: { type: 'string', default: root },
      parallel: { type: 'string', default: '6' },
      manifest: { type: 'string', default: join(root, 'dist/manifest.json') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) showHelp(help);
  const prefix = values['bucket-prefix'] || refuse('BUCKET_PREFIX (--bucket-prefix) is missing.');
  const regions = parseRegions(values.regions || refuse('REGIONS (--regions) is missing.'));
  const readers = parseAccounts(values['reader-accounts']).join(',');
  const dryRun = values['dry-run'];
  for (const option of ['organization-id', 'reader-accounts'] as const)
    if (values[option] !== '' && !values['create-buckets']) refuse(`--${option} needs --create-buckets.`);
  const parallel = wholeNumber('--parallel', values.parallel, 1);

  const source = resolve(values.from);
  const manifestFile = resolve(values.manifest);
  if (!dryRun) {
    // A folder that cannot be written is better known before the upload than after it.
    await mkdir(dirname(manifestFile), { recursive: true });
    await access(dirname(manifestFile), constants.W_OK);
  }
  const release = await collectArtifacts(source);
  const manifest = manifestOf(await packageVersion(source), release);
  const definitions = await (values.definitions ? collectDefinitions(values.definitions) : []);
  const artifacts = [...release, ...definitions];
  const account = values['bucket-account'] ?? (await callerAccount(regions[0] ?? ''));
  const bucketTemplate = await readFile(join(source, 'templates/stacksets/artifact-bucket.yaml'), 'utf8');
  const bytes = artifacts.reduce((sum, { body }) => sum + body.length, 0);
  say(
    `version ${manifest.version}: ${artifacts.length} files, ${bytes} bytes, to ${regions.length} Regions of ${account}`,
  );

  const publishTo = async (region: string) => {
    const bucket = `${prefix}-${region}`;
    if (values['create-buckets'] && !dryRun) {
      const { change } = await deployStack(cloudFormationClient(region), {
        stackName: `${prefix}-artifacts`,
        template: bucketTemplate,
        parameters: {
          BucketPrefix: prefix,
          ...(values['organization-id'] === '' ? {} : { OrganizationId: values['organization-id'] }),
          ...(readers === '' ? {} : { ReaderAccountIds: readers }),
        },
      });
      say(`${region}  bucket ${bucket} ${change}`);
    }
    let seen = 0;
    const published = await publishRegion(
      s3Client(region),
      { region, bucket, account },
      artifacts,
      manifest,
      {
        dryRun,
        onProgress: (name, outcome) => {
          seen += 1;
          if (outcome !== 'present') say(`${region}  ${seen}/${artifacts.length + 1}  ${name} ${outcome}`);
        },
      },
    );
    say(`${region}  ${seen}/${artifacts.length + 1}  ${dryRun ? 'looked at' : 'verified'}`);
    return published;
  };
  const outcomes = await withProgress({ what: 'Regions', total: regions.length }, (regionDone) =>
    inParallel(regions, parallel, (region) => publishTo(region).finally(regionDone)),
  );

  const row = (outcome: Outcome<string, Published>): string[] => {
    const bucket = `${prefix}-${outcome.target}`;
    if (outcome.status !== 'done') {
      const why = outcome.status === 'failed' ? brief(messageOf(outcome.error)) : '';
      return [outcome.target, bucket, '', '', `FAILED: ${why}`];
    }
    const count = (...kinds: string[]) =>
      String(artifacts.filter(({ name }) => kinds.includes(outcome.result.outcomes[name] ?? '')).length);
    return [
      outcome.target,
      bucket,
      count('uploaded', 'would upload'),
      count('present'),
      dryRun ? 'dry run' : 'verified',
    ];
  };
  console.log(
    `\n${table([['Region', 'bucket', dryRun ? 'to upload' : 'uploaded', 'present', 'result'], ...outcomes.map(row)])}`,
  );

  const failures = outcomes.flatMap((one) =>
    one.status === 'failed' ? [{ target: one.target, error: one.error }] : [],
  );
  if (!dryRun) {
    // The version's manifest, with bucket and version ids for each Region that has all files.
    const byRegion = Object.fromEntries(
      outcomes.flatMap(({ target, ...outcome }) =>
        outcome.status === 'done'
          ? [[target, { bucket: outcome.result.bucket, versionIds: outcome.result.versionIds }]]
          : [],
      ),
    );
    await writeFile(manifestFile, `${JSON.stringify({ ...manifest, regions: byRegion }, null, 2)}\n`);
    const zip = manifest.artifacts.find(({ name }) => name === 'provider.zip');
    console.log(
      `\nCodeS3Key=${zip?.key}\nmanifest: ${manifestFile} and ${keyRoot}/manifests/${manifest.version}.json in each bucket`,
    );
  }
  if (!dryRun && definitions.length > 0) {
    const published = outcomes.flatMap((one) => (one.status === 'done' ? [one.result] : []));
    console.log(`\n${definitionLines(prefix, published, definitions).join('\n')}`);
  }
  if (failures.length > 0)
    endWithFailures(failures, `${failures.length} of ${outcomes.length} Regions failed`);
}

if (import.meta.main) {
  endWithOneLine();
  await run(process.argv.slice(2));
}
