import { z } from 'zod';

/** To whom reviewers may pass their vote on: nobody, the stand-ins that are named, or anyone. */
export const DELEGATIONS = ['none', 'listed', 'anyone'] as const;

export const reviewerSchema = z.object({
	/** Names the reviewer in links and votes. */
	id: z.string().min(1).max(100),
	name: z.string().min(1).max(200),
	group: z.string().max(100).nullable().default(null),
	/** Code of the reviewer's PIN, see `pinCode`; `null` when none is asked for. */
	pinCode: z.string().nullable().default(null),
	/** From when on they may decide, in milliseconds since the epoch; `null` is from the start. */
	joinsAt: z.number().nullable().default(null),
	/** Whether they decide only when a reviewer passes their vote on to them. */
	standIn: z.boolean().default(false),
});

/** Somebody who may decide, by a link of their own. */
export type Reviewer = z.infer<typeof reviewerSchema>;

export const quorumSchema = z.object({
	/** Votes it takes to approve, or to make a choice. */
	approve: z.number().int().min(1).default(1),
	/** Votes it takes to reject. */
	reject: z.number().int().min(1).default(1),
	/** Votes it takes from members of each group, besides. */
	perGroup: z.record(z.number().int().min(1)).default({}),
});

/** Who decides a request, and by which rules. */
export interface People {
	reviewers: Reviewer[];
	quorum: z.infer<typeof quorumSchema>;
	/** Name of the one who asked, who may not decide. */
	requester: string | null;
	delegation: (typeof DELEGATIONS)[number];
	/** Milliseconds since the epoch. */
	deadlineAt: number | null;
}

/** Whether two names are of one person, however they are written. */
export function isSamePerson(first: string, second: string): boolean {
	return plainName(first) === plainName(second);
}

function plainName(name: string): string {
	return name.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
}

/** Those with a vote; stand-ins only have the vote that somebody passes on to them. */
export function votersOf<Each extends Pick<Reviewer, 'standIn'>>({
	reviewers,
}: {
	reviewers: readonly Each[];
}): Each[] {
	return reviewers.filter(({ standIn }) => !standIn);
}

/** What contradicts itself about who decides, and how many it takes. */
export function peopleProblem(people: People): string | undefined {
	const { reviewers, requester } = people;
	if (!distinct(reviewers.map(({ id }) => id))) return 'two reviewers have the same name.';
	const reserved = reviewers.find(({ id }) => id.startsWith('@'));
	if (reserved !== undefined) return `the name "${reserved.id}" may not begin with "@".`;
	const voters = votersOf(people);
	const mayDecide = ({ id }: Reviewer) => !isSamePerson(id, requester ?? '');
	const eligible = voters.filter(mayDecide);
	const standIns = reviewers.filter((each) => each.standIn && mayDecide(each));
	if (voters.length > 0 && eligible.length === 0) {
		return `"${requester}" asked and may not decide, and there is no other reviewer.`;
	}
	return (
		delegationProblem(people, eligible, standIns) ??
		joiningProblem(people, eligible) ??
		quorumProblem(people, eligible)
	);
}

/** A vote that is passed on must be as safe as it was before. */
function delegationProblem(
	{ delegation }: People,
	voters: readonly Reviewer[],
	standIns: readonly Reviewer[],
): string | undefined {
	if (delegation !== 'none' && voters.length === 0) {
		return 'a vote can only be passed on by a named reviewer.';
	}
	if (delegation !== 'listed') {
		const [unused] = standIns;
		return unused && `"${unused.name}" is a stand-in, but votes cannot be passed on to stand-ins.`;
	}
	if (standIns.length === 0) return 'votes may be passed on to stand-ins, but none is named.';
	const open = standIns.find(({ pinCode }) => pinCode === null);
	const guarded = voters.find(({ pinCode }) => pinCode !== null);
	return open === undefined || guarded === undefined
		? undefined
		: `"${guarded.name}" has a PIN, so the stand-in "${open.name}" needs one as well.`;
}

function joiningProblem({ deadlineAt }: People, voters: readonly Reviewer[]): string | undefined {
	const late = voters.find(
		({ joinsAt }) => joinsAt !== null && deadlineAt !== null && joinsAt >= deadlineAt,
	);
	if (late !== undefined) return `"${late.name}" would join after the deadline.`;
	return voters.length > 0 && voters.every(({ joinsAt }) => joinsAt !== null)
		? 'nobody may decide from the start.'
		: undefined;
}

function quorumProblem({ quorum }: People, voters: readonly Reviewer[]): string | undefined {
	const most = Math.max(quorum.approve, quorum.reject);
	const people = voters.length === 0 ? 1 : voters.length;
	if (most > people) {
		const who = voters.length === 0 ? 'no reviewers are named' : `only ${people} may decide`;
		return `the quorum is ${most}, but ${who}.`;
	}
	for (const [group, count] of Object.entries(quorum.perGroup)) {
		const members = voters.filter((reviewer) => reviewer.group === group).length;
		if (count > members) {
			return `${count} votes are needed of group "${group}", which has ${members} reviewers.`;
		}
	}
	return undefined;
}

/** Whether no two of the values are equal. */
export function distinct(values: readonly string[]): boolean {
	return new Set(values).size === values.length;
}
