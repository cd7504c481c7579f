-- CreateTable
CREATE TABLE "prediction_model" (
    "book_id" INTEGER NOT NULL,
    "fitted_on" DATE NOT NULL,
    "learnt_from" INTEGER NOT NULL,
    "predictor" JSONB NOT NULL,

    CONSTRAINT "prediction_model_pkey" PRIMARY KEY ("book_id","fitted_on")
);

-- CreateTable
CREATE TABLE "prediction" (
    "book_id" INTEGER NOT NULL,
    "invoice_id" TEXT NOT NULL,
    "as_on" DATE NOT NULL,
    "model_on" DATE NOT NULL,
    "late" DOUBLE PRECISION NOT NULL,
    "expected_on" DATE NOT NULL,
    "p50_on" DATE NOT NULL,
    "p80_on" DATE NOT NULL,
    "p90_on" DATE NOT NULL,
    "is_beyond_experience" BOOLEAN NOT NULL,
    "facts" JSONB NOT NULL,

    CONSTRAINT "prediction_pkey" PRIMARY KEY ("book_id","invoice_id")
);
