/** The ways to print a report: for people, for programs, and for services that show findings in the code. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { version } from '../../common/version.ts';
import type { Finding, Report } from './findings.ts';

export const formats = { pretty, json, sarif, github } as const;
export type Format = keyof typeof formats;

/** A file's name may hold line breaks and other signs that would change the meaning of the output. */
export const inOneLine = (text: string) =>
  text.replace(/[\u0000-\u001f\u007f]/g, (sign) => JSON.stringify(sign).slice(1, -1));

function pretty(report: Report): string {
  const { findings } = report;
  const lines = findings.map(
    ({ file, line, column, rule, severity, path, message, fix }) =>
      `${inOneLine(file)}:${line}:${column}: ${severity === 'warning' ? 'warning: ' : ''}${rule}: ${path === '' ? '' : `${path}: `}${message}\n    ${fix}`,
  );
  const of = (severity: string) => findings.filter((one) => one.severity === severity).length;
  const counts = [
    ...(of('error') > 0 ? [count(of('error'), 'fault')] : []),
    ...(of('warning') > 0 ? [count(of('warning'), 'warning')] : []),
  ];
  return [...lines, summary(report, counts)].join('\n');
}

/** The last line for people. @param counts the findings in numbers; none where nothing was found */
function summary({ templates, resources }: Report, counts: string[]): string {
  const what = `${count(resources, 'resource')} of Genesys Cloud in ${count(templates, 'template')}`;
  return `${what}: ${counts.length === 0 ? 'nothing found' : counts.join(', ')}`;
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function json(report: Report): string {
  return JSON.stringify(report, null, 2);
}

/** SARIF 2.1.0 (OASIS), which code scanning services read. */
function sarif({ findings }: Report): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  const driver = { name: 'genesys-cloud-cfn', version, rules: rules.map((id) => ({ id })) };
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    level: finding.severity,
    message: { text: sentenceOf(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(finding.file) },
          region: { startLine: finding.line, startColumn: finding.column },
        },
      },
    ],
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
  return JSON.stringify(log, null, 2);
}

/** Relative paths stay relative, so a service finds the file in the repository. */
const uriOf = (file: string) =>
  resolve(file) === file
    ? pathToFileURL(file).href
    : file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');

const sentenceOf = ({ path, message, fix }: Finding) => `${path === '' ? '' : `${path}: `}${message}. ${fix}`;

/** Workflow commands of GitHub Actions ("Workflow commands", setting an error message). */
function github(report: Report): string {
  const lines = report.findings.map((finding) => {
    const { file, line, column, rule, severity } = finding;
    const place = `file=${propertyOf(file)},line=${line},col=${column},title=${propertyOf(rule)}`;
    return `::${severity} ${place}::${escaped(sentenceOf(finding))}`;
  });
  const counts = lines.length === 0 ? [] : [count(lines.length, 'finding')];
  return [...lines, summary(report, counts)].join('\n');
}

const escaped = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const propertyOf = (text: string) => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
