/**
 * `run.json`: the plan of one run, frozen at start. Every value training depends on stands in it, defaults included.
 * Training keys are Hugging Face's (`TrainingArguments`, PEFT's `LoraConfig`), because that is what people know.
 */
import { z } from "zod";
export declare const trainingSchema: z.ZodObject<{
    max_seq_length: z.ZodNumber;
    lora_r: z.ZodNumber;
    lora_alpha: z.ZodNumber;
    lora_dropout: z.ZodNumber;
    target_modules: z.ZodArray<z.ZodEnum<{
        down_proj: "down_proj";
        gate_proj: "gate_proj";
        k_proj: "k_proj";
        o_proj: "o_proj";
        q_proj: "q_proj";
        up_proj: "up_proj";
        v_proj: "v_proj";
    }>>;
    micro_batch_size: z.ZodNumber;
    gradient_accumulation_steps: z.ZodNumber;
    learning_rate: z.ZodNumber;
    lr_scheduler_type: z.ZodEnum<{
        constant: "constant";
        cosine: "cosine";
        linear: "linear";
    }>;
    warmup_steps: z.ZodNumber;
    weight_decay: z.ZodNumber;
    max_grad_norm: z.ZodNumber;
    num_train_epochs: z.ZodNumber;
    max_steps: z.ZodNumber;
    load_in_4bit: z.ZodBoolean;
    dtype: z.ZodEnum<{
        bfloat16: "bfloat16";
        float16: "float16";
        float32: "float32";
    }>;
    optim: z.ZodEnum<{
        adamw: "adamw";
        adamw_8bit: "adamw_8bit";
    }>;
    seed: z.ZodNumber;
    train_on_answer_only: z.ZodBoolean;
    gradient_checkpointing: z.ZodBoolean;
    save_steps: z.ZodNumber;
    save_minutes: z.ZodNumber;
    eval_steps: z.ZodNumber;
    cache_limit_bytes: z.ZodNumber;
}, z.core.$strict>;
export type Training = z.infer<typeof trainingSchema>;
/** The prompt format that train, answer and Ollama share: prefix + system + question + middle + answer + end. */
export declare const formatSchema: z.ZodObject<{
    family: z.ZodLiteral<"gemma2">;
    bos: z.ZodString;
    userPrefix: z.ZodString;
    modelPrefix: z.ZodString;
    turnEnd: z.ZodString;
    stops: z.ZodArray<z.ZodString>;
    system: z.ZodString;
}, z.core.$strict>;
export type Format = z.infer<typeof formatSchema>;
export declare const promptSchema: z.ZodObject<{
    id: z.ZodString;
    category: z.ZodString;
    text: z.ZodString;
}, z.core.$strict>;
export type Prompt = z.infer<typeof promptSchema>;
export declare const samplingSchema: z.ZodObject<{
    temperature: z.ZodNumber;
    top_p: z.ZodNumber;
    top_k: z.ZodNumber;
    repeat_penalty: z.ZodNumber;
    num_ctx: z.ZodNumber;
}, z.core.$strict>;
export declare const runPlanSchema: z.ZodObject<{
    v: z.ZodLiteral<1>;
    id: z.ZodString;
    name: z.ZodString;
    campaign: z.ZodString;
    kind: z.ZodEnum<{
        full: "full";
        practice: "practice";
        quick: "quick";
    }>;
    createdAt: z.ZodNumber;
    data: z.ZodObject<{
        train: z.ZodString;
        heldOut: z.ZodNullable<z.ZodString>;
        heldOutShare: z.ZodNumber;
        rows: z.ZodNullable<z.ZodNumber>;
        skipBadRows: z.ZodBoolean;
    }, z.core.$strict>;
    model: z.ZodObject<{
        source: z.ZodString;
        local: z.ZodBoolean;
    }, z.core.$strict>;
    format: z.ZodObject<{
        family: z.ZodLiteral<"gemma2">;
        bos: z.ZodString;
        userPrefix: z.ZodString;
        modelPrefix: z.ZodString;
        turnEnd: z.ZodString;
        stops: z.ZodArray<z.ZodString>;
        system: z.ZodString;
    }, z.core.$strict>;
    training: z.ZodObject<{
        max_seq_length: z.ZodNumber;
        lora_r: z.ZodNumber;
        lora_alpha: z.ZodNumber;
        lora_dropout: z.ZodNumber;
        target_modules: z.ZodArray<z.ZodEnum<{
            down_proj: "down_proj";
            gate_proj: "gate_proj";
            k_proj: "k_proj";
            o_proj: "o_proj";
            q_proj: "q_proj";
            up_proj: "up_proj";
            v_proj: "v_proj";
        }>>;
        micro_batch_size: z.ZodNumber;
        gradient_accumulation_steps: z.ZodNumber;
        learning_rate: z.ZodNumber;
        lr_scheduler_type: z.ZodEnum<{
            constant: "constant";
            cosine: "cosine";
            linear: "linear";
        }>;
        warmup_steps: z.ZodNumber;
        weight_decay: z.ZodNumber;
        max_grad_norm: z.ZodNumber;
        num_train_epochs: z.ZodNumber;
        max_steps: z.ZodNumber;
        load_in_4bit: z.ZodBoolean;
        dtype: z.ZodEnum<{
            bfloat16: "bfloat16";
            float16: "float16";
            float32: "float32";
        }>;
        optim: z.ZodEnum<{
            adamw: "adamw";
            adamw_8bit: "adamw_8bit";
        }>;
        seed: z.ZodNumber;
        train_on_answer_only: z.ZodBoolean;
        gradient_checkpointing: z.ZodBoolean;
        save_steps: z.ZodNumber;
        save_minutes: z.ZodNumber;
        eval_steps: z.ZodNumber;
        cache_limit_bytes: z.ZodNumber;
    }, z.core.$strict>;
    answers: z.ZodObject<{
        prompts: z.ZodArray<z.ZodObject<{
            id: z.ZodString;
            category: z.ZodString;
            text: z.ZodString;
        }, z.core.$strict>>;
        maxTokens: z.ZodNumber;
    }, z.core.$strict>;
    deploy: z.ZodObject<{
        enabled: z.ZodBoolean;
        as: z.ZodString;
        quantize: z.ZodEnum<{
            auto: "auto";
            f16: "f16";
            q4_K_M: "q4_K_M";
            q8_0: "q8_0";
        }>;
        parameters: z.ZodObject<{
            temperature: z.ZodNumber;
            top_p: z.ZodNumber;
            top_k: z.ZodNumber;
            repeat_penalty: z.ZodNumber;
            num_ctx: z.ZodNumber;
        }, z.core.$strict>;
    }, z.core.$strict>;
}, z.core.$strict>;
export type RunPlan = z.infer<typeof runPlanSchema>;
/** The user's preset values (docs/product.md). Values they do not state are stated here. */
export declare const FULL: Training;
/** 1,000 rows at 16 are 63 steps an epoch: a warm-up of 100 or a checkpoint every 500 would never end or never come. */
export declare const QUICK: Training;
export declare const SAMPLING: z.infer<typeof samplingSchema>;
export declare const GEMMA2: Omit<Format, "system">;
/** The text the model sees before it answers; the same bytes in training, in answers and in Ollama's template. */
export declare function promptText(format: Format, question: string): string;
/** Ollama's template for the same bytes; Ollama puts `<bos>` in front by itself. */
export declare function ollamaTemplate(format: Format): string;
/** Steps a plan will make, as `prepare` computes it too (a test holds the two equal). */
export declare function plannedSteps(training: Training, rows: number): number;
