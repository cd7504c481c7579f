import { describe, expect, test } from 'vitest';
import { dateFormat } from '../../src/cli/date-format.ts';
import { day } from '../../src/domain/day.ts';

describe('days the way a spreadsheet writes them', () => {
  test.each([
    ['M/d/yyyy', '1/6/2013', '2013-01-06'],
    ['M/d/yyyy', '12/31/2013', '2013-12-31'],
    ['M/d/yyyy', '01/06/2013', '2013-01-06'],
    ['M/d/yyyy', '1/6/2013 13:45', '2013-01-06'],
    ['M/d/yyyy', '1/6/2013 1:45:00 PM', '2013-01-06'],
    ['yyyy-MM-dd', '2013-01-06', '2013-01-06'],
    ['yyyy-MM-dd', '2013-01-06T00:00:00.000Z', '2013-01-06'],
    ['dd.MM.yyyy', '06.01.2013', '2013-01-06'],
    ['d/M/yy', '6/1/13', '2013-01-06'],
    ['yyyyMMdd', '20130106', '2013-01-06'],
    ['d-MMM-yyyy', '6-Jan-2013', '2013-01-06'],
    ['d MMM yy', '6 DEC 13', '2013-12-06'],
  ])('%s reads %s', (format, text, expected) => {
    expect(dateFormat(format).parse(text)).toBe(day(expected));
  });

  test.each([
    ['M/d/yyyy', '13/6/2013'],
    ['M/d/yyyy', '1/6/13'],
    ['M/d/yyyy', '1/6/20133'],
    ['M/d/yyyy', '1-6-2013'],
    ['M/d/yyyy', '2/30/2013'],
    ['M/d/yyyy', ''],
    ['M/d/yyyy', ' 1/6/2013'],
    ['M/d/yyyy', '1/6/2013 later'],
    ['dd.MM.yyyy', '6.1.2013'],
    ['dd.MM.yyyy', '06x01x2013'],
    ['d-MMM-yyyy', '6-Foo-2013'],
  ])('%s does not read %j', (format, text) => {
    expect(dateFormat(format).parse(text)).toBeNull();
  });

  test.each([
    ['M/d/yyyy', '2/28/2013'],
    ['dd.MM.yyyy', '28.02.2013'],
    ['d-MMM-yy', '28-Feb-13'],
  ])('%s shows an example: %s', (format, example) => {
    expect(dateFormat(format).example).toBe(example);
  });
});
