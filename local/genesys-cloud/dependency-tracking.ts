import { badRequest, notFound } from './errors.ts';
import { type Call, ok, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { list, page } from './listing.ts';
import type { Action, Flow } from './store.ts';

/** Architect's index of dependencies: the flows, scripts and other objects that call a data action. */
const base = '/api/v2/architect/dependencytracking';
const view = ['architect:dependencyTracking:view'];

/** Enumeration of Dependency.type in the Python SDK 269. */
const types = new Set(
  `ACDLANGUAGE ACDSKILL ACDWRAPUPCODE AGENTICVIRTUALAGENT AGENTICVIRTUALAGENTVERSION AUDIOCONNECTORBOT
  BOTCONNECTORBOT BOTCONNECTORINTEGRATION BOTFLOW BRIDGEACTION BUSINESSPROCESSFLOW COMMONMODULEFLOW
  COMPOSERSCRIPT CONTACTLIST CONVERSATIONCUSTOMATTRIBUTESCHEMA CONVERSATIONSUMMARYSETTING CUSTOMERSEGMENT
  DATAACTION DATATABLE DECISIONTABLE DIALOGENGINEBOT DIALOGENGINEBOTVERSION DIALOGFLOWAGENT
  DIALOGFLOWCXAGENT DIGITALAUDIO DIGITALBOTCONNECTOR DIGITALBOTCONNECTORINTEGRATION DIGITALBOTFLOW
  DIVISION EMAILROUTE EMAILSENDFLOW EMERGENCYGROUP FILE FLOWACTION FLOWDATATYPE FLOWMILESTONE FLOWOUTCOME
  GRAMMAR GROUP GUIDE GUIDEVERSION IMAGE INBOUNDCALLFLOW INBOUNDCHATFLOW INBOUNDEMAILFLOW
  INBOUNDSHORTMESSAGEFLOW INQUEUECALLFLOW INQUEUEEMAILFLOW INQUEUESHORTMESSAGEFLOW IVRCONFIGURATION
  KNOWLEDGEBASE KNOWLEDGEBASEDOCUMENT KNOWLEDGESETTING LANGUAGE LEXBOT LEXBOTALIAS LEXV2BOT LEXV2BOTALIAS
  NLUDOMAIN NUANCEMIXBOT NUANCEMIXINTEGRATION OAUTHCLIENT OUTBOUNDCALLFLOW QUEUE RECORDINGPOLICY RESPONSE
  RESPONSEASSET SCHEDULE SCHEDULEGROUP SECUREACTION SECURECALLFLOW SMSPHONENUMBER STTENGINE SURVEYFORM
  SURVEYINVITEFLOW SYSTEMPROMPT TTSENGINE TTSVOICE USER USERPROMPT UTILIZATIONLABEL VIDEO VOICEFLOW
  VOICEMAILFLOW VOICESURVEYFLOW WIDGET WORKFLOW WORKITEMFLOW WORKTYPE`.split(/\s+/),
);

export const dependencyTrackingRoutes: Route[] = [
  {
    method: 'GET',
    template: `${base}/build`,
    permissions: view,
    handle: ({ organization, settings }) =>
      ok({
        id: organization.id,
        buildId: organization.id,
        status: settings.dependencyTracking,
        failedObjects: [],
        selfUri: `${base}/build`,
      }),
  },
  {
    method: 'GET',
    template: `${base}/consumingresources`,
    permissions: view,
    handle(call) {
      const id = required(call, 'id');
      const objectType = typeOf('objectType', required(call, 'objectType'));
      const wanted = list(call.query, 'resourceType').map((type) => typeOf('resourceType', type));
      const flowFilter = call.query.get('flowFilter');
      if (flowFilter !== null && flowFilter !== 'checkedIn' && flowFilter !== 'published')
        throw badRequest('flowFilter is checkedIn or published', 'invalid.query.parameter');
      const action = call.organization.actions.get(id);
      const found =
        action !== undefined && trackedAs(call, action) !== objectType
          ? []
          : consumers(call, id).filter(
              (flow) =>
                (wanted.length === 0 || wanted.includes(flow.type)) &&
                (flowFilter !== 'published' || isPublished(call, flow)),
            );
      // The SDKs document 206, "Partial content", for an index that is not up to date.
      const status = call.settings.dependencyTracking === 'OPERATIONAL' ? 200 : 206;
      return { status, body: page(`${base}/consumingresources`, call.query, found.map(dependency)) };
    },
  },
  {
    method: 'GET',
    template: `${base}/object`,
    permissions: view,
    handle(call) {
      const id = required(call, 'id');
      const objectType = call.query.get('objectType');
      const action = call.organization.actions.get(id);
      const type = action && trackedAs(call, action);
      if (action === undefined || (objectType !== null && typeOf('objectType', objectType) !== type))
        throw notFound('tracked object', id);
      return ok({
        id,
        name: action.names.at(-1)?.name,
        version: String(action.published?.version ?? 1),
        type,
        deleted: false,
        updated: false,
        stateUnknown: false,
        ...(call.query.get('consumingResources') === 'true'
          ? { consumingResources: consumers(call, id).map(dependency) }
          : {}),
      });
    },
  },
];

function required(call: Call, name: string): string {
  const value = call.query.get(name);
  if (value === null) throw badRequest(`${name} is required`, 'missing.query.parameter');
  return value;
}

function typeOf(name: string, type: string): string {
  if (!types.has(type)) throw badRequest(`${name} ${type} is no tracked type`, 'invalid.query.parameter');
  return type;
}

/** Genesys' Terraform provider exports actions of both types (pull request 2418 added the second). */
const trackedAs = ({ settings }: Call, { published }: Action): string =>
  published?.secure === true ? settings.behaviour.secureActionType : 'DATAACTION';

function consumers({ organization, settings }: Call, actionId: string): Flow[] {
  const isNewest = (flow: Flow) => organization.flows.findLast(({ id }) => id === flow.id) === flow;
  return organization.flows.filter(
    (flow) => flow.actionId === actionId && (settings.behaviour.trackedVersions === 'all' || isNewest(flow)),
  );
}

/** Whether a version passes `flowFilter=published`. */
const isPublished = ({ settings }: Call, { type, published }: Flow): boolean =>
  type.endsWith('FLOW') ? published : settings.behaviour.flowFilter === 'flows';

function dependency({ id, name, version, type, deleted }: Flow): JsonObject {
  return {
    id,
    name,
    version,
    type,
    deleted,
    updated: false,
    stateUnknown: false,
    selfUri: `/api/v2/flows/${id}`,
  };
}
