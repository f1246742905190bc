# Selection models of metafor::selmodel on data of metadat, for tests/reference/r_selection.json.
# Usage: Rscript selection.R OUTPUT.json
# The default stops where the log-likelihood changes by less than 1e-8 of itself, and integrates to
# 1e-4 of the integral. Tight tolerances are tried, of integrals 1e-11, else 1e-8, else the default
# ("quadrature" says which), and of the optimisers' maxima the highest is kept; "default" gives what
# the default finds.
suppressMessages({library(metafor); library(jsonlite)})

out <- commandArgs(trailingOnly = TRUE)[1]
controls <- function(tolerance) {
   quadrature <- list(rel.tol = tolerance, subdivisions = 1000)
   list(list(optimizer = "BFGS", reltol = 1e-15, maxit = 5000, intCtrl = quadrature),
        list(optimizer = "Nelder-Mead", reltol = 1e-15, maxit = 5000, intCtrl = quadrature))
}

hackshaw <- dat.hackshaw1998
baskerville <- transform(dat.baskerville2012, yi = smd, vi = se^2)
hahn <- escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.hahn2001,
               drop00 = TRUE)
hahn <- hahn[!is.na(hahn$yi), ]
cohen <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.cohen1981)
woods <- data.frame(
   steps = c(0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1),
   moderate_one = c(1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50),
   severe_one = c(1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10),
   moderate_two = c(1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99, 1.00),
   severe_two = c(1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99, 1.00))

cases <- list(
   list("hackshaw1998", hackshaw, "ML", "stepfun", "greater", c(.025, .10, .50, 1), NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "stepfun", "greater", c(.025, 1), NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "stepfun", "two.sided", c(.05, .5, 1), NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "beta", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "halfnorm", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "negexp", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "logistic", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "power", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "negexp", "greater", .025, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "halfnorm", "two.sided", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "negexppow", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "halfnorm2", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "negexp2", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "logistic2", "greater", NULL, NULL, NULL),
   list("hackshaw1998", hackshaw, "ML", "power2", "greater", NULL, NULL, NULL),
   list("baskerville2012", baskerville, "ML", "beta", "greater", NULL, NULL, NULL),
   list("baskerville2012", baskerville, "ML", "stepfun", "greater", c(.025, 1), NULL, NULL),
   list("baskerville2012", baskerville, "ML", "halfnorm", "greater", NULL, NULL, NULL),
   list("hahn2001", hahn, "EE", "halfnorm", "less", NULL, NULL, NULL),
   list("hahn2001", hahn, "EE", "negexp", "less", NULL, NULL, NULL),
   list("hahn2001", hahn, "EE", "logistic", "less", NULL, NULL, NULL),
   list("hahn2001", hahn, "EE", "power", "less", NULL, NULL, NULL),
   list("hahn2001", hahn, "EE", "halfnorm", "less", NULL, "sei", NULL),
   list("hahn2001", hahn, "EE", "negexp", "less", NULL, "sei", NULL),
   list("hahn2001", hahn, "EE", "logistic", "less", NULL, "vi", NULL),
   list("hahn2001", hahn, "EE", "power", "less", NULL, "sei", NULL),
   list("cohen1981", cohen, "ML", "stepfun", "greater", woods$steps, NULL, woods$moderate_one),
   list("cohen1981", cohen, "ML", "stepfun", "greater", woods$steps, NULL, woods$severe_one),
   list("cohen1981", cohen, "ML", "stepfun", "greater", woods$steps, NULL, woods$moderate_two),
   list("cohen1981", cohen, "ML", "stepfun", "greater", woods$steps, NULL, woods$severe_two))

fit <- function(case) {
   names(case) <- c("data", "rows", "method", "type", "alternative", "steps", "prec", "delta")
   base <- rma(yi, vi, data = case$rows, method = case$method,
               control = list(threshold = 1e-14, maxiter = 10000))
   call <- list(base, type = case$type, alternative = case$alternative)
   for (name in c("steps", "prec", "delta")) {
      if (!is.null(case[[name]])) call[[name]] <- case[[name]]
   }
   attempt <- function(control) {
      fitted <- try(suppressWarnings(do.call(selmodel, c(call, list(control = control)))),
                    silent = TRUE)
      if (inherits(fitted, "try-error")) NULL else fitted
   }
   default <- attempt(list())
   fits <- list()
   for (tolerance in c(1e-11, 1e-8)) {
      if (length(fits)) break
      fits <- Filter(Negate(is.null), lapply(controls(tolerance), attempt))
      reached <- tolerance
   }
   if (!length(fits)) {
      fits <- list(default)
      reached <- 1e-4
   }
   sel <- fits[[which.max(sapply(fits, function(fitted) fitted$ll))]]
   list(data = case$data, type = case$type, alternative = case$alternative,
        method = case$method, steps = I(as.numeric(case$steps)),
        prec = if (is.null(case$prec)) "none" else case$prec, fixed = I(as.numeric(case$delta)),
        estimate = c(sel$beta), se = c(sel$se), ci_lb = sel$ci.lb, ci_ub = sel$ci.ub,
        p_value = sel$pval, tau2 = sel$tau2, tau2_se = sel$se.tau2, delta = I(c(sel$delta)),
        delta_se = I(c(sel$se.delta)), log_likelihood = sel$ll, lrt = sel$LRT,
        quadrature = reached, lrt_df = sel$LRTdf, lrt_pvalue = sel$LRTp, tau2_lrt = sel$LRT.tau2,
        tau2_lrt_pvalue = sel$LRTp.tau2,
        default = if (is.null(default)) NULL else
           list(estimate = c(default$beta), se = c(default$se), log_likelihood = default$ll))
}

results <- lapply(cases, fit)
data <- lapply(list(hackshaw1998 = hackshaw, baskerville2012 = baskerville, hahn2001 = hahn,
                    cohen1981 = cohen),
               function(rows) list(yi = c(rows$yi), vi = c(rows$vi)))
source <- list(r_version = R.version.string, metafor = as.character(packageVersion("metafor")),
               metadat = as.character(packageVersion("metadat")),
               command = "Rscript validation/metafor/selection.R tests/reference/r_selection.json")
writeLines(toJSON(list(source = source, data = data, fits = results), digits = I(17),
                  auto_unbox = TRUE, na = "null", null = "null", pretty = TRUE), out)
