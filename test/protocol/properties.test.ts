/** A short run of each property; `make bench` runs thousands. */
import { anyEvent, anyOrder, anyStrings, anyStringsOfAnyType } from '../../local/faults/properties.ts';

test('any JSON as an event is answered by the rules, or refused by name', () => anyEvent(300));

test('any strings as properties make an object that holds just them, or nothing', () => anyStrings(40));

test('any strings in the properties of any type make an object or nothing, and leave nothing', () =>
  anyStringsOfAnyType(40));

test('any order of operations over several resources leaves what the last good template asks for', () =>
  anyOrder(12));
