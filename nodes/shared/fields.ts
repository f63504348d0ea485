import type { INodeProperties } from 'n8n-workflow';

/** What every field says of itself. */
type Named = Pick<INodeProperties, 'displayName' | 'name' | 'description'> &
	Partial<Pick<INodeProperties, 'displayOptions' | 'placeholder' | 'hint'>>;

/** What a number may be. */
interface NumberRange {
	default: number;
	/** Default 0. */
	min?: number;
	/** Default: no limit. */
	max?: number;
	/** Digits after the point. Default 0. */
	precision?: number;
}

/** A number. */
export function numberField({
	default: value,
	min = 0,
	max,
	precision,
	...field
}: Named & NumberRange): INodeProperties {
	return {
		...field,
		type: 'number',
		typeOptions: {
			minValue: min,
			...(max === undefined ? {} : { maxValue: max }),
			...(precision === undefined ? {} : { numberPrecision: precision }),
		},
		default: value,
	};
}

/** How many of something: 1 or more. */
export function countField(field: Named & Omit<NumberRange, 'min' | 'precision'>): INodeProperties {
	return numberField({ ...field, min: 1 });
}

/** A time; its unit stands in the name of the field. */
export function secondsField({
	displayName,
	...field
}: Named & Pick<NumberRange, 'default'>): INodeProperties {
	return numberField({ ...field, displayName: `${displayName} (Seconds)`, precision: 2 });
}

/** A text of one line, or of more with `rows`. Empty unless told otherwise. */
export function textField({
	rows,
	default: value = '',
	...field
}: Named & { rows?: number; default?: string }): INodeProperties {
	return {
		...field,
		type: 'string',
		...(rows === undefined ? {} : { typeOptions: { rows } }),
		default: value,
	};
}

/** Yes or no; no unless somebody says yes. */
export function switchField(field: Named): INodeProperties {
	return { ...field, type: 'boolean', default: false };
}
