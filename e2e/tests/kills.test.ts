import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FLAGSHIP, sampleQuestion, WEBHOOK_PATH } from '../flagship.ts';
import type { WebhookAnswer } from '../flagship.ts';
import type { Call } from '../model/callLog.ts';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Workflow } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { setupFor } from '../start/endpoint.ts';
import { fitted, readExample } from '../start/examples.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

/** How often n8n is killed; `CHECKPOINT_KILLS=30` for the long proof. */
const KILLS = Number(process.env.CHECKPOINT_KILLS ?? 2);

const ITEMS = 1000;
const AT_ONCE = 10;
const LATENCY_MS = 200;

/** An answer that left the model this long before a kill has been recorded. */
const RECORDED_AFTER_MS = 1000;

const prompts = Array.from({ length: ITEMS }, (_, index) => `Item number ${index + 1}.`);

const title = `n8n killed ${KILLS} times in the middle of a brief and of a job of ${ITEMS} items`;
describe(title, { timeout: KILLS * 90_000 + 600_000 }, () => {
	let model: ModelServer;
	let n8n: TestN8n;
	let job: Workflow;
	/**
	 * When n8n was killed: from the signal until its end was seen. Requests that it had sent by then
	 * are noted by the model in between.
	 */
	const kills: Array<{ from: number; to: number }> = [];
	const briefs: string[] = [];

	before(async () => {
		model = await startModel({ latencyMs: LATENCY_MS });
		n8n = await n8nForTests('kills');
		const setup = setupFor({ baseUrl: model.url, apiKey: 'stand-in', model: 'stand-in' });
		const brief = await fitted(n8n.client, readExample(FLAGSHIP), setup);
		await n8n.client.publish(await n8n.client.createWorkflow(brief));
		const api = await n8n.client.saveCredential('API', 'agentSwarmModelApi', {
			api: 'openAi',
			baseUrl: model.url,
			apiKey: 'stand-in',
		});
		const split = node('Split', 'n8n-nodes-base.splitOut', {
			fieldToSplitOut: 'body.prompts',
			options: { destinationFieldName: 'text' },
		});
		const agent = node(
			'Agent',
			'agentTask',
			{
				modelSource: 'api',
				model: { __rl: true, mode: 'id', value: 'stand-in' },
				task: '={{ $json.text }}',
				runKey: 'job',
				options: { itemsAtOnce: AT_ONCE },
			},
			{ credentials: { agentSwarmModelApi: { id: api.id, name: api.name } } },
		);
		const trigger = webhook('job', { responseMode: 'onReceived' });
		job = await n8n.client.createWorkflow(chain('Job', trigger, split, agent));
		await n8n.client.publish(job);
	});
	after(async () => {
		await n8n.close();
		await model.close();
	});

	const isOfJob = ({ prompt }: Call) => /Item number \d+\./.test(prompt);
	const itemOf = ({ prompt }: Call) => /Item number \d+\./.exec(prompt)![0];
	const callsOfJob = () => model.calls.filter(isOfJob);
	const itemsAnswered = () =>
		new Set(
			callsOfJob()
				.filter(({ status }) => status === 200)
				.map(itemOf),
		).size;

	const kill = async (): Promise<void> => {
		const from = Date.now();
		await n8n.server.kill();
		kills.push({ from, to: Date.now() });
		await n8n.server.start();
		await n8n.client.signIn(n8n.owner);
	};

	/** Triggers both, the way a caller does who has got no answer: with the same keys as before. */
	const trigger = async (brief: string): Promise<WebhookAnswer> => {
		await n8n.client.callWebhook('job', { prompts });
		const { data } = await n8n.client.callWebhook(WEBHOOK_PATH, sampleQuestion(brief));
		return data as unknown as WebhookAnswer;
	};

	/** A start of n8n and the work until the next kill, on a busy machine. */
	const timeout = KILLS * 90_000;

	it(
		'is killed while both are at work, now and then again while it recovers',
		{ timeout },
		async () => {
			for (let round = 1; round <= KILLS; round++) {
				const brief = `brief-${Math.ceil(round / 2)}`;
				const goal = Math.floor((ITEMS * round) / (KILLS + 1));
				const before = model.calls.length;
				await trigger(brief);
				if (briefs.at(-1) !== brief) briefs.push(brief);
				// Every third kill comes as soon as the work that was cut short has begun again.
				const isMidRecovery = round % 3 === 0;
				await waitFor(
					`kill ${round}`,
					() =>
						(isMidRecovery
							? model.calls.length > before + AT_ONCE
							: model.calls.length > before && itemsAnswered() >= goal) || undefined,
					{ timeoutMs: 120_000, everyMs: 5 },
				);
				await kill();
			}
			assert.equal(kills.length, KILLS);
			assert.ok(itemsAnswered() < ITEMS, 'the job was not done before the last kill');
		},
	);

	/** Fails when the model was asked again for what it had answered and n8n had recorded. */
	const assertNothingPaidTwice = (calls: Call[], what: string): number => {
		const ordered = [...calls].sort((a, b) => a.startedAt - b.startedAt);
		for (const [index, call] of ordered.slice(0, -1).entries()) {
			const next = ordered[index + 1]!;
			const kill = kills.find(({ from, to }) => to >= call.startedAt && from <= next.startedAt);
			const gap = `${next.startedAt - call.startedAt} ms after the call before, which gave ${call.status}`;
			assert.ok(kill !== undefined, `${what} was asked for again without a kill, ${gap}`);
			const answeredAt = call.status === 200 ? (call.endedAt ?? Infinity) : Infinity;
			assert.ok(
				answeredAt > kill.from - RECORDED_AFTER_MS,
				`${what} was answered ${kill.from - answeredAt} ms before a kill and asked for again`,
			);
		}
		return ordered.length - 1;
	};

	it('the job: only unfinished items are worked on again', async () => {
		const before = callsOfJob().length;
		await trigger(briefs.at(-1)!);
		const id = await waitFor('the last execution', async () => {
			const [newest] = await n8n.client.executions(job.id, 1);
			return newest?.status === 'running' ? newest.id : undefined;
		});
		const finished = await n8n.client.waitForExecution(id, undefined, { timeoutMs: 180_000 });
		assert.equal(finished.status, 'success', finished.data.resultData.error?.message);
		const done = outputOf(finished, 'Agent');
		assert.equal(done.length, ITEMS);
		const reused = done.filter((item) => item.reused === true).length;
		assert.equal(ITEMS - reused, new Set(callsOfJob().slice(before).map(itemOf)).size);

		const byItem = Map.groupBy(callsOfJob(), itemOf);
		assert.equal(byItem.size, ITEMS, 'every item was asked for');
		let repeated = 0;
		for (const [item, calls] of byItem) repeated += assertNothingPaidTwice(calls, item);
		assert.ok(repeated <= KILLS * AT_ONCE, `${repeated} calls were cut short by ${KILLS} kills`);
	});

	it('the briefs: every role is asked until it has answered, and not again', async () => {
		for (const brief of briefs) {
			const { data } = await n8n.client.callWebhook(WEBHOOK_PATH, sampleQuestion(brief));
			const { executionId } = data as unknown as WebhookAnswer;
			const execution = await n8n.client.waitForExecution(
				executionId,
				['waiting', 'error', 'crashed', 'success'],
				{ timeoutMs: 90_000 },
			);
			assert.equal(execution.status, 'waiting', execution.data.resultData.error?.message);
		}
		const calls = model.calls.filter((call) => !isOfJob(call));
		const roles = Map.groupBy(calls, ({ instructions }) => instructions);
		const answered = [...roles.values()].map(
			(ofRole) => ofRole.filter(({ status }) => status === 200).length,
		);
		assert.equal(roles.size, 4);
		for (const count of answered) {
			// A role's answer may have been on its way when n8n was killed: once a kill at most.
			assert.ok(count >= briefs.length && count <= briefs.length + KILLS, `${count} answers`);
		}
		const before = model.calls.length;
		for (const brief of briefs) await n8n.client.callWebhook(WEBHOOK_PATH, sampleQuestion(brief));
		assert.equal(model.calls.length, before, 'a brief that is done is not paid again');
	});
});
