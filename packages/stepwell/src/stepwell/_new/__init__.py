"""New projects and new step packages, made from the templates beside this package."""
