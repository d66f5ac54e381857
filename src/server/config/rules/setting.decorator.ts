import { ValidateBy, type ValidationArguments } from 'class-validator';
import type { SettingGroup } from './setting-group.js';
import type { SettingRule } from './setting-rule.js';

interface SettingDescription<Value> {
  /** The chapter of the documentation it belongs to. */
  readonly group: SettingGroup;
  /** What it does, in full sentences for the operator; Markdown code spans are welcome. */
  readonly description: string;
  readonly rule: SettingRule<Value>;
  /** Shown in `.env.example` where there is no default to show. */
  readonly example?: string;
}

interface WithDefault {
  /** What counts as written when the variable is not set: text, so that the documentation shows it as one types it. */
  readonly default: string;
}

interface WithoutDefault {
  /** What happens when the variable is not set. */
  readonly whenUnset: string;
}

/** One environment variable: everything that the validation, the documentation and `.env.example` say about it. */
export type SettingDeclaration = SettingDescription<unknown> & {
  readonly name: string;
  readonly default?: string;
  readonly whenUnset?: string;
};

/** Stands in a property whose text the rule refused, until validation reports it. */
export class RefusedText {
  constructor(readonly text: string) {}
}

/** A property decorator that the compiler lets only onto properties that can hold the value. */
type DecoratorOfPropertyOf<Value> = <Target extends object, Name extends keyof Target & string>(
  target: Target,
  name: Name & ([Value] extends [Target[Name]] ? Name : never),
) => void;

const declarations = new Map<object, SettingDeclaration[]>();

/**
 * Declares a property as an environment variable of the same name: the one place for its name, default, rule and
 * description. Without a default the property must allow `undefined`.
 *
 * @example
 * ```ts
 * @Setting({ group: 'http', default: '3000', rule: wholeNumber(0, 65_535), description: 'Port to listen on.' })
 * readonly PORT: number;
 * ```
 */
export function Setting<Value>(options: SettingDescription<Value> & WithDefault): DecoratorOfPropertyOf<Value>;
export function Setting<Value>(
  options: SettingDescription<Value> & WithoutDefault,
): DecoratorOfPropertyOf<Value | undefined>;
export function Setting<Value>(
  options: SettingDescription<Value> & Partial<WithDefault & WithoutDefault>,
): DecoratorOfPropertyOf<Value> {
  return (target, name) => {
    declarations.set(target, [...(declarations.get(target) ?? []), { ...options, name }]);
    ValidateBy({
      name: 'setting',
      validator: {
        validate: (value: unknown) => !(value instanceof RefusedText),
        defaultMessage: () => options.rule.allowed,
      },
    })(target, name);
  };
}

/**
 * Refuses a number that is below another setting's, for limits that make no sense the other way round.
 *
 * @param other the name of the other property
 * @param reason what would go wrong, a clause after "or"
 */
export function IsAtLeast(other: string, reason: string): PropertyDecorator {
  const otherValue = (validation?: ValidationArguments): unknown =>
    (validation?.object as Record<string, unknown> | undefined)?.[other];
  return ValidateBy({
    name: 'isAtLeast',
    validator: {
      validate: (value: unknown, validation?: ValidationArguments) => {
        const bound = otherValue(validation);
        // One that was refused already has its own message; a second one would only confuse.
        return typeof value !== 'number' || typeof bound !== 'number' || value >= bound;
      },
      defaultMessage: (validation?: ValidationArguments) =>
        `at least ${other} (now ${String(otherValue(validation))}), or ${reason}`,
    },
  });
}

/** The settings that classes declare, in their order and in that of their source. */
export function declaredSettings(...types: readonly { readonly prototype: object }[]): readonly SettingDeclaration[] {
  return types.flatMap(({ prototype }) => declarations.get(prototype) ?? []);
}
