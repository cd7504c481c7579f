import { describe, expect, test } from 'vitest';
import { dateFormats } from '../../src/cli/date-format.ts';
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
    expect(dateFormats(format)('due_date').parse(text)).toBe(day(expected));
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
    expect(dateFormats(format)('due_date').parse(text)).toBeNull();
  });

  test.each([
    ['M/d/yyyy', '2/28/2013'],
    ['dd.MM.yyyy', '28.02.2013'],
    ['d-MMM-yy', '28-Feb-13'],
  ])('%s shows an example: %s', (format, example) => {
    expect(dateFormats(format)('due_date').example).toBe(example);
  });
});

test('one field may be written another way than the others', () => {
  const formats = dateFormats('MMM d, yyyy,due_date=yyyyMMdd');
  expect(formats('paid_date').parse('Feb 10, 2020')).toBe(day('2020-02-10'));
  expect(formats('due_date').parse('20200210.0')).toBe(day('2020-02-10'));
  expect(formats('due_date').parse('Feb 10, 2020')).toBeNull();
});

test.each([
  ['68', '2068-03-01'],
  ['69', '1969-03-01'],
  ['20', '2020-03-01'],
])('two digits of a year, %s, are read as POSIX reads them', (year, expected) => {
  expect(dateFormats('d/M/yy')('paid_date').parse(`1/3/${year}`)).toBe(day(expected));
});
