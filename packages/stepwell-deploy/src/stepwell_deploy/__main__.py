"""`python -m stepwell_deploy` is `stepwell-deploy`."""

from stepwell_deploy._cli import main

if __name__ == "__main__":
    main()
