import type { Existing } from './type.ts';

/** What becomes of an object. */
export type End = 'delete' | 'retain' | 'put back';

/** Whether an object was adopted, as far as its properties tell. */
export const saysAdopted = (properties: Record<string, unknown>) =>
  String(properties['AdoptExisting']) === 'true' || properties['ExistingId'] !== undefined;

/** What `OnDelete` says, by itself or by its default. */
export function wantedEnd({ record }: Existing, properties: Record<string, unknown>): End {
  const isAdopted = record ? record.origin === 'adopted' : saysAdopted(properties);
  const wanted = properties['OnDelete'] ?? (isAdopted ? 'Retain' : 'Delete');
  return wanted === 'Delete' ? 'delete' : 'retain';
}

/** Undoing is by origin: what was there before is put back. */
export const undoingOf = ({ record }: Existing): End => (record?.adoption ? 'put back' : 'delete');
