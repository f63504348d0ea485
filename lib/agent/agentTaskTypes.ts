import type { EngineError, Json, Runtime, SerializedError, Usage } from '../core';
import type { ModelSession } from '../llm';
import type { Answer, Guard } from './answer';
import type { Conversation } from './conversation';
import type { OutputFormat } from './outputFormat';
import type { PromptParts } from './prompt';
import type { QualityGate, Review } from './qualityGate';
import type { AgentTool, ToolCallRecord, ToolLimits, ToolPolicy } from './tool';

/** One task for one agent. */
export interface AgentTask extends Omit<PromptParts, 'outputInstructions' | 'mayMeetUntrusted'> {
	/** The form of the answer. Default: text. */
	output?: OutputFormat;
	/** How often an answer of the wrong form is asked for again. Default 2. */
	maxRepairs?: number;
	tools?: readonly AgentTool[];
	policy?: ToolPolicy;
	limits?: ToolLimits;
	/** 0 to 2. Default: the model's own. */
	temperature?: number;
	/** Most tokens of one answer. Default: the model's own. */
	maxOutputTokens?: number;
	/** Judge the answer, and write it again until it is good enough. Default: no. */
	gate?: QualityGate;
	/** What the task and its data must not be or hold. */
	inputGuards?: readonly Guard[];
	/** What the answer must not be or hold. */
	outputGuards?: readonly Guard[];
	/** When the budget ends: give what there is, or fail. Default: `partial`. */
	onBudget?: 'partial' | 'fail';
}

/** What a task needs of the outside world. */
export interface AgentPorts {
	/** The way to the models; belongs to this task alone. */
	session: ModelSession;
	runtime: Pick<Runtime, 'monotonic' | 'newId' | 'setTimer'>;
	/** Cancels the task. */
	signal?: AbortSignal;
	/** Called with each piece of the answer's text as it arrives. */
	onText?: (piece: string) => void;
}

/** What every end of a task tells. */
export interface TaskReport {
	usage: Usage;
	/** The model that answered last; empty when none did. */
	model: string;
	/** 1 plus the number of model calls that failed and were tried again. */
	attempts: number;
	durationMs: number;
	toolCalls: ToolCallRecord[];
	reviews: Review[];
}

/** A task that is done. */
export interface CompletedTask extends TaskReport {
	status: 'completed';
	/** `partial` when the budget or the rounds ended before the answer was as wanted. */
	outcome: 'success' | 'partial';
	/** What ended the work on a better answer; none when it was its time to end. */
	cutShort?: SerializedError;
	output: Json;
	/** The model's own confidence, 0 to 1; only for labels. */
	confidence?: number | null;
	finishReason: Answer['finishReason'];
	/** The answer as the model wrote it. */
	text: string;
}

/** A task that waits for a person to approve tool calls. */
export interface WaitingTask extends TaskReport {
	status: 'waiting';
	waiting: Array<ToolCallRecord & { reason: string }>;
	/** Hand it to {@link resumeAgentTask}. */
	conversation: Conversation;
}

/** A task that failed. */
export interface FailedTask extends TaskReport {
	status: 'failed';
	error: EngineError;
	/** What was said and done until then. */
	conversation: Conversation;
}

/** How a task ended. */
export type AgentTaskEnd = CompletedTask | WaitingTask | FailedTask;

/** What a person decided about one waiting call. */
export interface CallApproval {
	approved: boolean;
	/** For the model, when refused. */
	comment?: string;
	/** The arguments as the person changed them. Default: as the model wrote them. */
	argumentsJson?: string;
}
