import { IsInt, IsOptional, IsString, Length } from 'class-validator';
import type { BadDataError } from './answers/errors.js';
import { DtoPipe } from './dto.pipe.js';

class RangeDto {
  @Length(1, 5)
  @IsString()
  from: string;

  @IsOptional()
  @IsInt()
  limit?: number;
}

function messagesOf(value: unknown): string[] {
  try {
    new DtoPipe(RangeDto, 'query').transform(value);
    return [];
  } catch (error) {
    return (error as BadDataError).details.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('DtoPipe', () => {
  it.each([
    [{}, ['/query/from: The `/query/from` property is missing.']],
    [{ from: null }, ['/query/from: The `/query/from` property is missing.']],
    [undefined, ['/query/from: The `/query/from` property is missing.']],
    [{ from: '' }, ['/query/from: The `/query/from` property must be longer than or equal to 1 characters.']],
    [{ from: 'now', limit: 'x' }, ['/query/limit: The `/query/limit` property must be an integer number.']],
    [{ from: 'now' }, []],
  ])('says of %j what is wrong: %j', (value, expected) => expect(messagesOf(value)).toEqual(expected));
});
