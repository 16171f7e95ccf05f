/**
 * The room for sealed texts in the record of an object, in characters. An item of DynamoDB has 400 KB at most
 * (Amazon DynamoDB developer guide, "Quotas"). A record holds two forms and the state of before an adoption.
 * The record of the former owner is in it and holds the same again:
 *
 *     2 records × (2 forms × 64 KB + 48 KB) = 352 KB
 *
 * The rest has the other 48 KB. Its largest part is `SharedWith`, with 15 KB a record.
 */
export const ROOM_OF_FORM = 64 * 1024;
export const ROOM_OF_FORMER_STATE = 48 * 1024;
